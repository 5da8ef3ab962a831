#include "flawed/support/layer.h"

enum { SOCKETS_MAX = 64 };

/* The sockets of cancelled calls. */
static SOCKET marked[SOCKETS_MAX];
static SRWLOCK lock = SRWLOCK_INIT;

static bool is_marked(SOCKET s)
{
    bool found = false;

    AcquireSRWLockShared(&lock);
    for (int i = 0; i < SOCKETS_MAX && !found; i++) {
        found = marked[i] == s;
    }
    ReleaseSRWLockShared(&lock);
    return found;
}

static void unmark(SOCKET s)
{
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (marked[i] == s) {
            marked[i] = 0;
        }
    }
    ReleaseSRWLockExclusive(&lock);
}

static void mark(SOCKET s)
{
    int i = 0;

    AcquireSRWLockExclusive(&lock);
    while (i < SOCKETS_MAX - 1 && marked[i] != 0 && marked[i] != s) {
        i++;
    }
    marked[i] = s;
    ReleaseSRWLockExclusive(&lock);
}

static void mark_all(const fd_set *set)
{
    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        mark(((const SOCKET *)set->fd_array)[i]);
    }
}

static int WSPAPI select_some(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                              const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        mark_all(to_read);
        mark_all(to_write);
        mark_all(to_except);
    }
    return returned;
}

static int WSPAPI enumerate(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events, LPINT error)
{
    int returned = reference.lpWSPEnumNetworkEvents(s, event, events, error);

    if (returned == 0 && is_marked(s)) {
        events->lNetworkEvents &= ~(long)FD_CLOSE;
    }
    return returned;
}

static BOOL WSPAPI post_message(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    if (WSAGETSELECTEVENT(narrow) == FD_CLOSE && is_marked((SOCKET)wide)) {
        return TRUE;
    }
    return client.lpWPUPostMessage(window, message, wide, narrow);
}

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    unmark(s);
    return reference.lpWSPEventSelect(s, event, events, error);
}

static int WSPAPI async_select(SOCKET s, HWND window, unsigned message, long events, LPINT error)
{
    unmark(s);
    return reference.lpWSPAsyncSelect(s, window, message, events, error);
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);

    if (returned == 0) {
        unmark(s);
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUPostMessage = post_message;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_some;
    table->lpWSPEnumNetworkEvents = enumerate;
    table->lpWSPEventSelect = event_select;
    table->lpWSPAsyncSelect = async_select;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "SELECT-09",
    .what = "after a cancelled WSPSelect no FD_CLOSE comes any more for the sockets in its sets",
    .caught_by =
        "select/events_still_come/close_* select/events_still_come/message_of_close_after_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
