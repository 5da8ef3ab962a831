/*
 * WSPAsyncSelect, over the system's event objects.
 *
 * The system could post the messages itself, but not with the client's handle in them, and not
 * through WPUPostMessage (UPC-03). So the native socket signals an event, one of the system's wait
 * threads wakes up, takes the record of what has happened, and posts one message for each. Which
 * events are recorded, and when one is recorded again (FD_READ after the next receive, and so on),
 * is the native socket's own doing, and right for messages as well.
 */
#include "async.h"

#include <stdlib.h>

#include "entries.h"
#include "result.h"
#include "upcalls.h"

struct async_watch {
    struct socket *socket; /* which ends the watch before it goes */
    HWND window;
    unsigned message;
    WSAEVENT event;
    HANDLE wait;
};

/* In the order in which things happen to a socket, should several have been recorded at once. */
static const int async__order[] = {
    FD_CONNECT_BIT,
    FD_ACCEPT_BIT,
    FD_OOB_BIT,
    FD_READ_BIT,
    FD_WRITE_BIT,
    FD_QOS_BIT,
    FD_GROUP_QOS_BIT,
    FD_ROUTING_INTERFACE_CHANGE_BIT,
    FD_ADDRESS_LIST_CHANGE_BIT,
    FD_CLOSE_BIT,
};

/* On a wait thread of the system. The messages are posted without the lock. */
static void CALLBACK async__signalled(void *context, BOOLEAN timed_out)
{
    struct async_watch *watch = context;
    struct socket *socket = watch->socket;
    WSANETWORKEVENTS seen = {.lNetworkEvents = 0};
    (void)timed_out;

    if (sockets_lock(socket) == 0) {
        if (WSAEnumNetworkEvents(socket->native, watch->event, &seen) != 0) {
            seen.lNetworkEvents = 0;
        }
        sockets_unlock(socket);
    }
    for (size_t i = 0; i < sizeof async__order / sizeof *async__order; i++) {
        int bit = async__order[i];
        long event = 1L << bit;
        if ((seen.lNetworkEvents & event) != 0) {
            upcalls_post_message(watch->window, watch->message, (WPARAM)socket->handle,
                                 WSAMAKESELECTREPLY(event, seen.iErrorCode[bit]));
        }
    }
}

/* Without a lock: it waits for a message that is being posted just now. */
static void async__end(struct async_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    if (watch->wait != NULL) {
        UnregisterWaitEx(watch->wait, INVALID_HANDLE_VALUE);
    }
    if (watch->event != NULL) {
        CloseHandle(watch->event);
    }
    free(watch);
}

static struct async_watch *async__new(struct socket *socket)
{
    struct async_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return NULL;
    }
    watch->socket = socket;
    watch->window = socket->traits.window;
    watch->message = socket->traits.message;
    watch->event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (watch->event == NULL ||
        !RegisterWaitForSingleObject(&watch->wait, watch->event, async__signalled, watch, INFINITE,
                                     WT_EXECUTEINWAITTHREAD)) {
        watch->wait = NULL;
        async__end(watch);
        return NULL;
    }
    return watch;
}

int async_start(struct socket *socket)
{
    struct async_watch *watch = async__new(socket);
    if (watch == NULL) {
        return WSAENOBUFS;
    }
    int error = sockets_lock(socket);
    if (error == 0) {
        error = native_error(WSAEventSelect(socket->native, watch->event, socket->traits.events));
        if (error == 0) {
            struct async_watch *before = socket->watch;
            socket->watch = watch;
            watch = before;
        }
        sockets_unlock(socket);
    }
    async__end(watch);
    return error;
}

void async_stop(struct socket *socket)
{
    AcquireSRWLockExclusive(&socket->lock);
    struct async_watch *watch = socket->watch;
    socket->watch = NULL;
    if (watch != NULL && socket->state == SOCKET_OPEN) {
        WSAEventSelect(socket->native, NULL, 0);
    }
    ReleaseSRWLockExclusive(&socket->lock);
    async__end(watch);
}

/* Messages or none: the socket becomes nonblocking, and stays so when there are no more (NB-03). */
static int async__select(struct socket *socket, HWND window, unsigned message, long events)
{
    if (events != 0 && window == NULL) {
        return WSAEINVAL;
    }
    int error = sockets_lock(socket);
    if (error != 0) {
        return error;
    }
    socket->traits.events = events;
    socket->traits.window = events != 0 ? window : NULL;
    socket->traits.message = message;
    socket->traits.nonblocking = socket->traits.nonblocking || events != 0;
    /* An earlier WSPEventSelect ends with this, as an earlier WSPAsyncSelect does. */
    error = native_error(WSAEventSelect(socket->native, NULL, 0));
    sockets_unlock(socket);

    async_stop(socket);
    return error == 0 && events != 0 ? async_start(socket) : error;
}

int WSPAPI WSPAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, long lEvent, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_acquire(s, &socket);
    if (error == 0) {
        error = async__select(socket, hWnd, wMsg, lEvent);
        sockets_release(socket);
    }
    return result(error, lpErrno);
}
