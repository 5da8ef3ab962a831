#include "flawed/support/layer.h"

enum { A_MOMENT_MS = 20 };

static unsigned starts;

/* It would crash if it had not pinned the library; that would be another mistake. */
static DWORD WINAPI look_once_more(void *argument)
{
    DWORD_PTR context;
    int error;

    Sleep(A_MOMENT_MS);
    client.lpWPUQuerySocketHandleContext((SOCKET)argument, &context, &error);
    return 0;
}

static int WSPAPI clean_up(LPINT error)
{
    int returned = reference.lpWSPCleanup(error);
    HMODULE self;

    if (returned == 0 && --starts == 0) {
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (LPCWSTR)(ULONG_PTR)&starts, &self);
        CloseHandle(CreateThread(NULL, 0, look_once_more, NULL, 0, NULL));
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    starts++;
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "UPC-05",
    .what = "a thread of the provider makes an upcall a moment after the last WSPCleanup",
    .caught_by = "upcall/none_after_the_last_clean_up/*",
    .change_table = change_table,
};
