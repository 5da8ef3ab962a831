#include "flawed/support/blocking.h"

static int swallow_quit_message(int error)
{
    HMODULE library = GetModuleHandleW(L"user32.dll");
    MSG message;

    if (error == WSAEINTR && library != NULL) {
        __typeof__(&PeekMessageW) peek =
            (__typeof__(peek))(void (*)(void))GetProcAddress(library, "PeekMessageW");
        peek(&message, NULL, WM_QUIT, WM_QUIT, PM_REMOVE);
    }
    return error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = swallow_quit_message});
}

const struct flaw flaw = {
    .requirement = "PSB-07",
    .what = "a WM_QUIT that is in the thread's queue when a cancelled call ends is lost",
    .caught_by = "cancel/keeps_later_messages/*_and_quit_*",
    .change_table = change_table,
};
