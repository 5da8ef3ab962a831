/*
 * WSPConnect.
 *
 * A cancelled connect has left an attempt behind in the system, which may still succeed. The page
 * lets a provider keep it until then (S13); this one resets it at once, so that no connection comes
 * to life behind the client's back (CONNECT-06). The socket is spent: WSPCloseSocket is all that
 * is left of it, as S18 warns.
 */
#include "entries.h"
#include "result.h"
#include "sockets.h"
#include "wait.h"

struct connect_call {
    struct blocking_call call;
    const struct sockaddr *name;
    int length;
    bool started;
};

static int connect__start(SOCKET native, const struct connect_call *connecting)
{
    int error = native_error(connect(native, connecting->name, connecting->length));
    if (error == WSAECONNABORTED) {
        /* A socket whose connect failed may try again. On Linux, hence Wine, the next connect first
         * reports the end of the failed one, and starts nothing. */
        error = native_error(connect(native, connecting->name, connecting->length));
    }
    return error;
}

/* What has become of the attempt under way. */
static int connect__progress(SOCKET native)
{
    fd_set connected;
    fd_set failed;
    FD_ZERO(&connected);
    FD_ZERO(&failed);
    FD_SET(native, &connected);
    FD_SET(native, &failed);
    struct timeval now = {0, 0};
    if (select(0, NULL, &connected, &failed, &now) == SOCKET_ERROR) {
        return WSAGetLastError();
    }
    if (FD_ISSET(native, &failed)) {
        int error = 0;
        int length = sizeof error;
        getsockopt(native, SOL_SOCKET, SO_ERROR, (char *)&error, &length);
        return error != 0 ? error : WSAECONNREFUSED;
    }
    return FD_ISSET(native, &connected) ? 0 : WSAEWOULDBLOCK;
}

static int connect__attempt(struct blocking_call *call)
{
    struct connect_call *connecting = (struct connect_call *)call;
    int error = sockets_lock(call->socket);
    if (error == 0) {
        error = connecting->started ? connect__progress(call->socket->native)
                                    : connect__start(call->socket->native, connecting);
        connecting->started = true;
        sockets_unlock(call->socket);
    }
    return error;
}

static int connect__run(struct socket *socket, const struct sockaddr *name, int length)
{
    struct connect_call connecting = {
        .call = {.attempt = connect__attempt,
                 .wait = wait_connected,
                 .socket = socket,
                 .catalog_entry = socket->traits.protocol.dwCatalogEntryId,
                 .may_block = !socket->traits.nonblocking,
                 .timeout = WAIT_FOREVER},
        .name = name,
        .length = length,
    };
    int error = wait_until_done(&connecting.call);
    if (error == WSAEINTR) {
        sockets_abort(socket);
    }
    return error;
}

int WSPAPI WSPConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData,
                      LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_acquire(s, &socket);
    if (error != 0) {
        return result(error, lpErrno);
    }

    /* TCP carries no data in its handshake, and there is no quality of service to promise. */
    if (name == NULL) {
        error = WSAEFAULT;
    } else if ((lpCallerData != NULL && lpCallerData->len != 0) || lpSQOS != NULL ||
               lpGQOS != NULL) {
        error = WSAEOPNOTSUPP;
    } else {
        error = connect__run(socket, name, namelen);
    }
    if (error == 0 && lpCalleeData != NULL) {
        lpCalleeData->len = 0;
    }

    sockets_release(socket);
    return result(error, lpErrno);
}
