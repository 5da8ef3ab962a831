#include "flawed/support/messages.h"

/* It looks for a message of its own, and puts the client's back where it finds room: at the end. */
static void look_for_its_own(void)
{
    MSG message;

    if (take_message(&message)) {
        put_message_back(&message);
    }
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    run_in_native_waits(upcalls, look_for_its_own);
}

const struct flaw flaw = {
    .requirement = "BHK-14",
    .what = "a call without a blocking callback changes the order of the client's messages",
    .caught_by = "callback/absent_one_leaves_messages/accept_ipv4"
                 " callback/absent_one_leaves_messages/recv_ipv*",
    .change_upcalls = change_upcalls,
};
