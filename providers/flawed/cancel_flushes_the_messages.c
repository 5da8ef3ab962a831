#include "flawed/support/messages.h"
#include "flawed/support/turns.h"

/* So that no old message of the provider's own comes too late. */
static void meddle(void)
{
    MSG message;

    while (take_message(&message)) {
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
    .what = "a cancel empties the queue of its thread",
    .caught_by = "cancel/keeps_later_messages/*",
    .change_upcalls = change_upcalls,
    .change_table = watch_cancels,
};
