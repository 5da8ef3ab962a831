/*
 * WSPEventSelect and WSPEnumNetworkEvents. The native socket keeps the record and sets the event;
 * the client's socket becomes nonblocking with the first, as NB-03 has it.
 */
#include "async.h"
#include "entries.h"
#include "result.h"
#include "sockets.h"

int WSPAPI WSPEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_acquire(s, &socket);
    if (error != 0) {
        return result(error, lpErrno);
    }
    async_stop(socket); /* this takes its place */
    error = sockets_lock(socket);
    if (error == 0) {
        error = native_error(WSAEventSelect(socket->native, hEventObject, lNetworkEvents));
        if (error == 0) {
            socket->traits.events = lNetworkEvents;
            socket->traits.window = NULL;
            /* With no events the watch ends, but the socket stays nonblocking until FIONBIO. */
            socket->traits.nonblocking = socket->traits.nonblocking || lNetworkEvents != 0;
        }
        sockets_unlock(socket);
    }
    sockets_release(socket);
    return result(error, lpErrno);
}

int WSPAPI WSPEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject, LPWSANETWORKEVENTS lpNetworkEvents,
                                LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        error =
            lpNetworkEvents == NULL
                ? WSAEFAULT
                : native_error(WSAEnumNetworkEvents(socket->native, hEventObject, lpNetworkEvents));
        sockets_done(socket);
    }
    return result(error, lpErrno);
}
