#include "flawed/support/layer.h"

static SOCKET watched = INVALID_SOCKET;
static WSAEVENT its_event;

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    watched = s;
    its_event = event;
    return reference.lpWSPEventSelect(s, event, events, error);
}

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);
    WSANETWORKEVENTS eaten;
    int ignored;

    if (ready == SOCKET_ERROR && *error == WSAEINTR && read != NULL && read->fd_count > 1) {
        reference.lpWSPEnumNetworkEvents(watched, its_event, &eaten, &ignored);
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = event_select;
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "SELECT-09",
    .what = "a cancelled WSPSelect takes the events that have come for its sockets, and resets the "
            "event",
    .caught_by = "select/events_still_come/before_the_cancel_ipv4",
    .change_table = change_table,
};
