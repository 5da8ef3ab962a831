#include "flawed/support/layer.h"

enum { MANY = 64 };
static struct {
    SOCKET s;
    WSAEVENT event;
} registered[MANY];
static unsigned next;

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long mask, LPINT error)
{
    int returned = reference.lpWSPEventSelect(s, event, mask, error);

    if (returned == 0) {
        for (int i = 0; i < MANY; i++) {
            if (registered[i].s == s) {
                registered[i].s = 0;
            }
        }
        if (mask != 0) {
            registered[next % MANY].s = s;
            registered[next++ % MANY].event = event;
        }
    }
    return returned;
}

static int WSPAPI connect_one(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                              LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    for (int i = 0; returned != 0 && *error == WSAEINTR && i < MANY; i++) {
        if (registered[i].s != 0 && registered[i].s != s) {
            ResetEvent(registered[i].event);
        }
    }
    return returned;
}

static int WSPAPI close_one(SOCKET s, LPINT error)
{
    for (int i = 0; i < MANY; i++) {
        if (registered[i].s == s) {
            registered[i].s = 0;
        }
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = event_select;
    table->lpWSPConnect = connect_one;
    table->lpWSPCloseSocket = close_one;
}

const struct flaw flaw = {
    .requirement = "NB-02",
    .what = "a cancelled WSPConnect resets the events of other sockets that have signalled",
    .caught_by = "nonblocking/others_are_still_notified/connect_beside_set_events_ipv4",
    .change_table = change_table,
};
