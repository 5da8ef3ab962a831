#include "flawed/support/messages.h"
#include "flawed/support/turns.h"

/* It is dispatched, and left in the queue, too. */
static void meddle(void)
{
    MSG message;

    if (take_message(&message)) {
        dispatch_message(&message);
        put_message_back(&message);
    }
}

static BOOL turn(LPBLOCKINGCALLBACK callback, DWORD_PTR context)
{
    BOOL answer = callback(context);

    if (has_cancelled() && has_windows()) {
        meddle();
    }
    return answer;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    take_turns(upcalls, turn);
}

const struct flaw flaw = {
    .requirement = "PSB-07",
    .what = "the message behind the one that cancels is dispatched, and stays in the queue",
    .caught_by = "cancel/keeps_later_messages/accept_ipv4"
                 " cancel/keeps_later_messages/recv_ipv*",
    .change_upcalls = change_upcalls,
    .change_table = watch_cancels,
};
