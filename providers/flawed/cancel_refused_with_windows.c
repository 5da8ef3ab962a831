#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    if (GetModuleHandleW(L"user32.dll") != NULL) {
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "PSB-01",
    .what = "a program that has windows cannot cancel",
    .caught_by = "cancel/from_a_window_procedure/*",
    .change_table = change_table,
};
