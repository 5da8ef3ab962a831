#include "flawed/support/layer.h"

/* Whoever has sent the message waits for its answer: no time, it seems, for calls like this one. */
static int WSPAPI cancel(LPINT error)
{
    if (InSendMessage()) {
        *error = WSAEINVAL;
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
    .what = "a cancel fails in a window procedure that handles a message sent by another thread",
    .caught_by = "cancel/from_a_window_procedure/*_sent_*",
    .change_table = change_table,
};
