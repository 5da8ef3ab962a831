#include "flawed/support/layer.h"

static HANDLE work;

/* Looks after sockets, should there ever be one. */
static DWORD WINAPI wait_for_work(void *argument)
{
    (void)argument;
    return WaitForSingleObject(work, INFINITE);
}

/* The library stays, for the thread's sake. */
static void change_table(WSPPROC_TABLE *table)
{
    HMODULE self;

    (void)table;
    if (work == NULL) {
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (LPCWSTR)(ULONG_PTR)&work, &self);
        work = CreateEventW(NULL, TRUE, FALSE, NULL);
        CloseHandle(CreateThread(NULL, 0, wait_for_work, NULL, 0, NULL));
    }
}

const struct flaw flaw = {
    .requirement = "STARTUP-07",
    .what = "WSPStartup makes a thread",
    .caught_by = "startup/makes_no_thread",
    .change_table = change_table,
};
