#include "flawed/support/layer.h"

enum { EVENTS_MAX = 16 };

static WSAEVENT registered[EVENTS_MAX];
static volatile LONG registrations;

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    int returned = reference.lpWSPEventSelect(s, event, events, error);

    if (returned == 0 && event != NULL) {
        registered[(InterlockedIncrement(&registrations) - 1) % EVENTS_MAX] = event;
    }
    return returned;
}

/* Whoever waits for anything is woken, to see for himself. */
static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);
    int ignored;

    for (int i = 0; returned == 0 && i < EVENTS_MAX; i++) {
        if (registered[i] != NULL) {
            client.lpWPUSetEvent(registered[i], &ignored);
        }
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = event_select;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "NB-05",
    .what = "a cancel sets the events of all sockets that are registered with WSPEventSelect",
    .caught_by = "nonblocking/cancel_is_no_event/connect_ipv4"
                 " nonblocking/cancel_is_no_event/accept_ipv*"
                 " nonblocking/cancel_is_no_event/select_ipv4"
                 " nonblocking/cancel_is_no_event/recv_ipv*"
                 " nonblocking/cancel_is_no_event/recvfrom_ipv4"
                 " nonblocking/cancel_is_no_event/send_ipv4",
    .change_table = change_table,
};
