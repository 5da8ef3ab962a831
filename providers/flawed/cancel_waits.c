#include "flawed/support/layer.h"

/* How long the cancel waits for a call to end that cannot end before the cancel has returned. */
enum { WAIT_MS = 2500 };

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        Sleep(WAIT_MS);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-25",
    .what = "a cancel waits, for seconds, for the call to end",
    .caught_by = "cancel/neither_waits_nor_calls_back/recv_ipv4"
                 " cancel/neither_waits_nor_calls_back/select_ipv4"
                 " cancel/neither_waits_nor_calls_back/send_ipv4",
    .change_table = change_table,
};
