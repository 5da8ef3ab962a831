#include "flawed/support/messages.h"

/* What is cancelled while it handles messages without a callback is lost. */
static int WSPAPI cancel(LPINT error)
{
    if (dispatches_messages()) {
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "PSB-06",
    .what = "in a message that the provider dispatches itself a cancel says 0 and does nothing",
    .caught_by = "cancel/from_a_message_without_a_callback/accept_ipv4"
                 " cancel/from_a_message_without_a_callback/recv_ipv*",
    .change_upcalls = dispatch_in_native_waits,
    .change_table = change_table,
};
