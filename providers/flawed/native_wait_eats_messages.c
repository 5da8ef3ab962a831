#include "flawed/support/messages.h"

static void eat(void)
{
    MSG message;

    while (take_message(&message)) {
    }
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    run_in_native_waits(upcalls, eat);
}

const struct flaw flaw = {
    .requirement = "BHK-14",
    .what = "a call without a blocking callback takes the client's messages, and throws them away",
    .caught_by = "callback/absent_one_leaves_messages/*",
    .change_upcalls = change_upcalls,
};
