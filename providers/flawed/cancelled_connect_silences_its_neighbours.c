#include "flawed/support/layer.h"

enum { SOCKETS = 256 };

static struct {
    SOCKET socket;
    HWND window; /* or NULL, for an event */
} registered[SOCKETS];
static int count_registered;

static void remember(SOCKET s, HWND window)
{
    if (count_registered < SOCKETS) {
        registered[count_registered].socket = s;
        registered[count_registered++].window = window;
    }
}

static int WSPAPI watch_events(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    int returned = reference.lpWSPEventSelect(s, event, events, error);

    if (returned == 0 && events != 0) {
        remember(s, NULL);
    }
    return returned;
}

static int WSPAPI watch_messages(SOCKET s, HWND window, unsigned message, long events, LPINT error)
{
    int returned = reference.lpWSPAsyncSelect(s, window, message, events, error);

    if (returned == 0 && events != 0) {
        remember(s, window);
    }
    return returned;
}

static void withdraw_all(void)
{
    int ignored;

    while (count_registered > 0) {
        SOCKET s = registered[--count_registered].socket;
        HWND window = registered[count_registered].window;
        if (window != NULL) {
            reference.lpWSPAsyncSelect(s, window, 0, 0, &ignored);
        } else {
            reference.lpWSPEventSelect(s, NULL, 0, &ignored);
        }
    }
}

static int WSPAPI connect_to(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                             LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned != 0 && *error == WSAEINTR) {
        withdraw_all();
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = watch_events;
    table->lpWSPAsyncSelect = watch_messages;
    table->lpWSPConnect = connect_to;
}

const struct flaw flaw = {
    .requirement = "NB-02",
    .what = "a cancelled WSPConnect withdraws what other sockets have registered for",
    .caught_by = "nonblocking/others_are_still_notified/connect_ipv*"
                 " nonblocking/others_are_still_notified/connect_beside_messages_*",
    .change_table = change_table,
};
