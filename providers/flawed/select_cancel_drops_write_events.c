#include "flawed/support/layer.h"

static SOCKET watched = INVALID_SOCKET;
static WSAEVENT its_event;

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    if (events == FD_WRITE) {
        watched = s;
        its_event = event;
    }
    return reference.lpWSPEventSelect(s, event, events, error);
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    int ignored;

    if (returned == SOCKET_ERROR && *error == WSAEINTR && watched != INVALID_SOCKET) {
        reference.lpWSPEventSelect(watched, NULL, 0, &ignored);
        ResetEvent(its_event);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = event_select;
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-09",
    .what = "a cancelled WSPSelect ends what WSPEventSelect has registered for FD_WRITE",
    .caught_by = "select/events_still_come/write_after_the_call_ipv4",
    .change_table = change_table,
};
