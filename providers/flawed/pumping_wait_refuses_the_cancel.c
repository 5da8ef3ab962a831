#include "flawed/support/messages.h"

/* While it handles messages without a callback, the provider does not know of its own call. */
static int WSPAPI cancel(LPINT error)
{
    if (dispatches_messages()) {
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
    .requirement = "PSB-06",
    .what = "in a message that the provider dispatches itself a cancel finds nothing to cancel",
    .caught_by = "cancel/from_a_message_without_a_callback/*",
    .change_upcalls = dispatch_in_native_waits,
    .change_table = change_table,
};
