#include "harness/pump.h"

/* The turn in which the thread of the window pumps its messages; that thread's alone. */
static struct callback_turn *pumping;

struct opening {
    message_act act;
    struct message_window *window;
};

static void open_window(void *argument)
{
    struct opening *opening = argument;

    opening->window = message_window_open(opening->act);
}

struct message_window *pump_window(struct client *client, message_act act)
{
    struct opening opening = {.act = act};

    client_run(client, open_window, &opening);
    require_that(NEEDED("environment"), opening.window != NULL, "a message-only window", "opened",
                 "refused");
    return opening.window;
}

void pump_post(struct message_window *window, void *argument)
{
    require_that(NEEDED("environment"), message_window_post(window, argument),
                 "a message to the window", "posted", "refused");
}

void pump_send(struct message_window *window, void *argument)
{
    require_that(NEEDED("environment"), message_window_send(window, argument),
                 "a message sent to the window", "taken", "refused");
}

BOOL pump_messages(struct callback_turn *turn)
{
    pumping = turn;
    messages_dispatch();
    pumping = NULL;
    return !(turn->record->cancelled && !turn->record->cancel.failed);
}

struct callback_turn *pump_turn(void)
{
    return pumping;
}

void require_pumped(const struct message_window *window)
{
    require_that(NEEDED("provider"), message_window_acts(window) > 0,
                 "the window's procedure, run by the callback that pumps messages", "run",
                 "not run: the message was not in the thread's queue any more");
}
