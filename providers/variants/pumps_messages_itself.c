#include "flawed/support/messages.h"
#include "variants/support/variant.h"

/*
 * Without a callback the provider handles the thread's messages itself. Those for no window are the
 * client's to take: they go back into the queue, in their order.
 */
enum { KEPT = 64 };

static void pump(void)
{
    MSG kept[KEPT];
    MSG message;
    unsigned count = 0;

    while (count < KEPT && take_message(&message)) {
        if (message.hwnd != NULL) {
            dispatch_message(&message);
        } else {
            kept[count++] = message;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        put_thread_message_back(&kept[i]);
    }
}

static BOOL turn(struct call *call)
{
    if (call->callback != NULL) {
        return variant_call_back(call);
    }
    if (has_windows()) {
        pump();
    }
    return TRUE;
}

const struct variant variant = {
    .requirement = "PSB-06",
    .why_allowed = "a provider may dispatch messages while it waits without a callback, and a "
                   "window procedure may cancel then (S8)",
    .touches = "cancel/from_a_message_without_a_callback/* "
               "callback/absent_one_leaves_messages/* "
               "callback/may_be_absent/recv_ipv4",
    .turn = turn,
    .turns_without_callback = true,
};
