#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    if (GetModuleHandleW(L"user32.dll") != NULL) {
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "PSB-02",
    .what = "in a program that has windows a cancel returns 0 and does nothing",
    .caught_by = "cancel/from_a_window_procedure/connect_ipv4",
    .change_table = change_table,
};
