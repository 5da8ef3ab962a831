/*
 * WSPRecv and WSPRecvFrom.
 *
 * An attempt either takes something, and then the call is over, or takes nothing. So a cancelled
 * receive has consumed nothing, and the stream goes on unharmed. The exception is MSG_WAITALL,
 * which collects: cancelled halfway it has taken bytes which the client will never see, and the
 * connection is reset (S21, RECV-04).
 */
#include "buffers.h"
#include "entries.h"
#include "overlapped.h"
#include "result.h"
#include "sockets.h"
#include "wait.h"

struct receive_call {
    struct blocking_call call;
    struct buffers buffers;
    DWORD flags;           /* as asked for; replaced by what the system answers */
    DWORD received;        /* bytes */
    struct sockaddr *from; /* where the sender's address goes, or NULL, and so its length */
    int *from_length;
};

/* The end of the stream, or a connection that was reset? Where the socket's error went to a poll
 * rather than to a receive, Wine reads a reset as a graceful end. Sending nothing tells. */
static int receive__end_of_stream(const struct socket *socket)
{
    if (socket->sending_ended) {
        return 0;
    }
    return send(socket->native, "", 0, 0) == SOCKET_ERROR && WSAGetLastError() == WSAECONNRESET
               ? WSAECONNRESET
               : 0;
}

/* One native receive, into the buffers from where the last one ended. */
static int receive__some(struct receive_call *receiving, WSABUF *array, DWORD count,
                         DWORD *received)
{
    struct socket *socket = receiving->call.socket;
    int error = sockets_lock(socket);
    if (error != 0) {
        return error;
    }
    DWORD flags = receiving->flags & ~(DWORD)MSG_WAITALL;
    int length = receiving->from_length != NULL ? *receiving->from_length : 0;
    error =
        native_error(WSARecvFrom(socket->native, array, count, received, &flags, receiving->from,
                                 receiving->from != NULL ? &length : NULL, NULL, NULL));
    if (error == 0 && *received == 0 && socket->traits.type == SOCK_STREAM) {
        error = receive__end_of_stream(socket);
    }
    if (error == 0 && receiving->from_length != NULL) {
        *receiving->from_length = length;
    }
    if (error == 0) {
        receiving->flags = (receiving->flags & MSG_WAITALL) | flags;
    }
    sockets_unlock(socket);
    return error;
}

/* The overlapped form. Nothing of the above remains to be done: the system waits. */
static int receive__begin(SOCKET native, WSAOVERLAPPED *overlapped, DWORD *bytes, DWORD *flags,
                          void *argument)
{
    const struct receive_call *receiving = argument;
    const struct socket *socket = receiving->call.socket;
    int error = native_error(WSARecvFrom(native, (WSABUF *)receiving->buffers.array,
                                         receiving->buffers.count, bytes, flags, receiving->from,
                                         receiving->from_length, overlapped, NULL));
    return error == 0 && *bytes == 0 && socket->traits.type == SOCK_STREAM
               ? receive__end_of_stream(socket)
               : error;
}

static int receive__attempt(struct blocking_call *call)
{
    struct receive_call *receiving = (struct receive_call *)call;
    return receive__some(receiving, (WSABUF *)receiving->buffers.array, receiving->buffers.count,
                         &receiving->received);
}

/* MSG_WAITALL on a stream: until the buffers are full, or no more is to come. */
static int receive__attempt_all(struct blocking_call *call)
{
    struct receive_call *receiving = (struct receive_call *)call;
    WSABUF window[BUFFERS_WINDOW];
    DWORD count;
    while ((count = buffers_window(&receiving->buffers, window)) > 0) {
        DWORD received = 0;
        int error = receive__some(receiving, window, count, &received);
        if (error != 0) {
            return error;
        }
        if (received == 0) {
            break;
        }
        receiving->received += received;
        buffers_advance(&receiving->buffers, received);
    }
    return 0;
}

static int receive__run(struct receive_call *receiving)
{
    struct socket *socket = receiving->call.socket;
    bool all = (receiving->flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL &&
               socket->traits.type == SOCK_STREAM && receiving->call.may_block;
    receiving->call.attempt = all ? receive__attempt_all : receive__attempt;
    int error = wait_until_done(&receiving->call);

    /* When the time is up, what has been collected is the result; nothing is lost. */
    if (error == WSAETIMEDOUT && receiving->received > 0) {
        error = 0;
    }
    if (error == WSAEINTR && receiving->received > 0) {
        sockets_abort(socket);
    }
    /* Closed by another thread: the connection went away under this call. */
    if (error == WSAENOTSOCK && socket->traits.type == SOCK_STREAM) {
        error = WSAECONNABORTED;
    }
    return error;
}

int WSPAPI WSPRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, struct sockaddr *lpFrom,
                       LPINT lpFromlen, LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                       LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    const struct overlapped_call overlapped = {lpOverlapped, lpCompletionRoutine, lpThreadId};
    struct socket *socket;
    int error = sockets_acquire(s, &socket);
    if (error != 0) {
        return result(error, lpErrno);
    }
    if (!socket->traits.overlapped) {
        lpOverlapped = NULL; /* is ignored then */
    }
    error = buffers_check(lpBuffers, dwBufferCount);
    if (error == 0 && (lpFlags == NULL || (lpFrom != NULL && lpFromlen == NULL) ||
                       (lpOverlapped == NULL && lpNumberOfBytesRecvd == NULL))) {
        error = WSAEFAULT;
    }
    if (error == 0) {
        struct receive_call receiving = {
            .call = {.wait = (*lpFlags & MSG_OOB) != 0 ? wait_urgent : wait_readable,
                     .socket = socket,
                     .catalog_entry = socket->traits.protocol.dwCatalogEntryId,
                     .may_block = !socket->traits.nonblocking,
                     .timeout = wait_timeout(socket->traits.receive_timeout)},
            .buffers = {.array = lpBuffers, .count = dwBufferCount},
            .flags = *lpFlags,
            .from = lpFrom,
            .from_length = lpFrom != NULL ? lpFromlen : NULL,
        };
        error = lpOverlapped == NULL
                    ? receive__run(&receiving)
                    : overlapped_run(socket, &overlapped, receive__begin, &receiving,
                                     &receiving.received, &receiving.flags);
        if (error == 0 && lpNumberOfBytesRecvd != NULL) {
            *lpNumberOfBytesRecvd = receiving.received;
        }
        if (error == 0) {
            *lpFlags = receiving.flags & ~(DWORD)MSG_WAITALL;
        }
    }
    sockets_release(socket);
    return result(error, lpErrno);
}

int WSPAPI WSPRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd,
                   LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId,
                   LPINT lpErrno)
{
    return WSPRecvFrom(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, NULL, NULL,
                       lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
}
