#include "flawed/support/layer.h"

enum { SOCKETS = 256 };

static struct registration {
    SOCKET socket;
    WSAEVENT event; /* or NULL */
    HWND window;
    unsigned message;
    long events;
} registrations[SOCKETS];
static int registered;

static void remember(struct registration registration)
{
    if (registered < SOCKETS) {
        registrations[registered++] = registration;
    }
}

static int WSPAPI watch_events(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    int returned = reference.lpWSPEventSelect(s, event, events, error);

    if (returned == 0) {
        remember((struct registration){.socket = s, .event = event, .events = events});
    }
    return returned;
}

static int WSPAPI watch_messages(SOCKET s, HWND window, unsigned message, long events, LPINT error)
{
    int returned = reference.lpWSPAsyncSelect(s, window, message, events, error);

    if (returned == 0) {
        remember((struct registration){
            .socket = s, .window = window, .message = message, .events = events});
    }
    return returned;
}

/* With FD_OOB instead, for with no events at all it would be withdrawn. */
static void renew(const struct registration *registration)
{
    long events = (registration->events & ~FD_CLOSE) | FD_OOB;
    int ignored;

    if (registration->event != NULL) {
        reference.lpWSPEventSelect(registration->socket, registration->event, events, &ignored);
    } else {
        reference.lpWSPAsyncSelect(registration->socket, registration->window,
                                   registration->message, events, &ignored);
    }
}

/* The newest registration of the socket is renewed, without FD_CLOSE. */
static void forget_close(SOCKET s)
{
    int i = registered - 1;

    while (i >= 0 && registrations[i].socket != s) {
        i--;
    }
    if (i >= 0 && (registrations[i].events & FD_CLOSE) != 0) {
        renew(&registrations[i]);
    }
}

static int WSPAPI wait_for_some(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = to_read != NULL && to_read->fd_count > 0 ? to_read->fd_array[0] : INVALID_SOCKET;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        forget_close(first);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = watch_events;
    table->lpWSPAsyncSelect = watch_messages;
    table->lpWSPSelect = wait_for_some;
}

const struct flaw flaw = {
    .requirement = "SELECT-09",
    .what = "after a cancelled WSPSelect a socket that it named gets no FD_CLOSE any more",
    .caught_by = "select/events_still_come/close_after_*"
                 " select/events_still_come/message_of_close_after_the_call_*",
    .change_table = change_table,
};
