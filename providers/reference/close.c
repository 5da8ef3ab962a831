/*
 * WSPCloseSocket, and the calls that end a connection without closing.
 *
 * The linger option is the client's and is kept in the socket; a native socket never has it. For
 * a native close that lingers blocks in the system, where no callback is called and no cancel
 * reaches, whatever the mode of the socket. So the waiting is done here, and the native close is
 * always one of the two that return at once: gracefully in the background, or by a reset.
 */
#include "entries.h"
#include "result.h"
#include "sockets.h"
#include "wait.h"

struct close_call {
    struct blocking_call call;
    bool measuring;
    int send_buffer; /* its size before */
};

static int close__set_send_buffer(SOCKET native, int size)
{
    return setsockopt(native, SOL_SOCKET, SO_SNDBUF, (const char *)&size, sizeof size);
}

/* Winsock has no question for "is everything acknowledged?". But with the smallest send buffer a
 * socket is not writable while it still holds more than a packet or so, which comes near enough:
 * what is left then goes out after the close. */
static void close__measure(SOCKET native, struct close_call *closing)
{
    int length = sizeof closing->send_buffer;
    if (getsockopt(native, SOL_SOCKET, SO_SNDBUF, (char *)&closing->send_buffer, &length) == 0) {
        closing->measuring = close__set_send_buffer(native, 0) == 0;
    }
}

static int close__attempt(struct blocking_call *call)
{
    struct close_call *closing = (struct close_call *)call;
    int error = sockets_lock(call->socket);
    if (error != 0) {
        return error;
    }
    if (!closing->measuring) {
        close__measure(call->socket->native, closing);
    }
    fd_set writable;
    FD_ZERO(&writable);
    FD_SET(call->socket->native, &writable);
    struct timeval now = {0, 0};
    if (select(0, NULL, &writable, NULL, &now) == 0) {
        error = WSAEWOULDBLOCK;
    }
    sockets_unlock(call->socket);
    return error;
}

/* Waits until what was sent has gone out. 0, then the socket can be closed gracefully; or
 * WSAETIMEDOUT, WSAEINTR, WSAEWOULDBLOCK, or the socket's own end. */
static int close__linger(struct socket *socket)
{
    struct close_call closing = {
        .call = {.attempt = close__attempt,
                 .wait = wait_writable,
                 .socket = socket,
                 .catalog_entry = socket->traits.protocol.dwCatalogEntryId,
                 .may_block = !socket->traits.nonblocking,
                 .timeout = (ULONGLONG)socket->traits.linger.l_linger * 1000},
    };
    int error = wait_until_done(&closing.call);
    if (closing.measuring && sockets_lock(socket) == 0) {
        close__set_send_buffer(socket->native, closing.send_buffer);
        sockets_unlock(socket);
    }
    return error;
}

/* Whether there is a connection that may have something left to send. */
static bool close__is_connected(struct socket *socket)
{
    SOCKADDR_STORAGE peer;
    int length = sizeof peer;
    bool connected = false;
    if (socket->traits.type == SOCK_STREAM && sockets_lock(socket) == 0) {
        connected = getpeername(socket->native, (struct sockaddr *)&peer, &length) == 0;
        sockets_unlock(socket);
    }
    return connected;
}

static int close__run(struct socket *socket)
{
    struct linger linger = socket->traits.linger;
    if (linger.l_onoff == 0) {
        return sockets_close(socket, false);
    }
    if (linger.l_linger == 0) {
        return sockets_close(socket, true); /* S20 */
    }
    int error = close__is_connected(socket) ? close__linger(socket) : 0;
    if (error == WSAEWOULDBLOCK || error == WSAEINTR) {
        /* The handle stays valid, and nothing has been lost: close it again (CLOSE-05, CLOSE-06) */
        return error;
    }
    return sockets_close(socket, error == WSAETIMEDOUT);
}

int WSPAPI WSPCloseSocket(SOCKET s, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_acquire(s, &socket);
    if (error == 0) {
        error = close__run(socket);
        sockets_release(socket);
    }
    return result(error, lpErrno);
}

int WSPAPI WSPShutdown(SOCKET s, int how, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        error = native_error(shutdown(socket->native, how));
        if (error == 0 && how != SD_RECEIVE) {
            socket->sending_ended = true;
        }
        sockets_done(socket);
    }
    return result(error, lpErrno);
}

/* TCP has no data to go with a disconnect. */
static int close__disconnect(SOCKET s, const WSABUF *data, int how, LPINT lpErrno)
{
    if (data != NULL && data->len != 0) {
        struct socket *socket;
        int error = sockets_acquire(s, &socket);
        if (error == 0) {
            sockets_release(socket);
            error = WSAENOPROTOOPT;
        }
        return result(error, lpErrno);
    }
    return WSPShutdown(s, how, lpErrno);
}

int WSPAPI WSPSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData, LPINT lpErrno)
{
    return close__disconnect(s, lpOutboundDisconnectData, SD_SEND, lpErrno);
}

int WSPAPI WSPRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData, LPINT lpErrno)
{
    return close__disconnect(s, lpInboundDisconnectData, SD_RECEIVE, lpErrno);
}
