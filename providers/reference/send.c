/*
 * WSPSend and WSPSendTo.
 *
 * A blocking send on a stream holds until all of it is taken. Cancelled when some of it was, the
 * client cannot know how much, as WSAEINTR carries no count: the stream is damaged, and the
 * connection is reset (S21, SEND-02). Cancelled when nothing was taken, it goes on unharmed.
 */
#include "buffers.h"
#include "entries.h"
#include "overlapped.h"
#include "result.h"
#include "sockets.h"
#include "wait.h"

struct send_call {
    struct blocking_call call;
    struct buffers buffers;
    DWORD flags;
    DWORD sent; /* bytes */
    const struct sockaddr *to;
    int to_length;
};

/* One native send. The lock is given back after each, so that a large one keeps nobody out. */
static int send__some(const struct send_call *sending, WSABUF *array, DWORD count, DWORD *sent)
{
    struct socket *socket = sending->call.socket;
    int error = sockets_lock(socket);
    if (error == 0) {
        error = native_error(WSASendTo(socket->native, array, count, sent, sending->flags,
                                       sending->to, sending->to_length, NULL, NULL));
        sockets_unlock(socket);
    }
    return error;
}

/* A datagram goes whole or not at all. */
static int send__attempt_datagram(struct blocking_call *call)
{
    struct send_call *sending = (struct send_call *)call;
    return send__some(sending, (WSABUF *)sending->buffers.array, sending->buffers.count,
                      &sending->sent);
}

static int send__attempt_stream(struct blocking_call *call)
{
    struct send_call *sending = (struct send_call *)call;
    WSABUF window[BUFFERS_WINDOW];
    DWORD count = buffers_window(&sending->buffers, window);
    if (count == 0) {
        return send__attempt_datagram(call); /* nothing to send: the system says whether it may */
    }
    while (count > 0) {
        DWORD sent = 0;
        int error = send__some(sending, window, count, &sent);
        if (error != 0) {
            return error;
        }
        sending->sent += sent;
        buffers_advance(&sending->buffers, sent);
        count = buffers_window(&sending->buffers, window);
    }
    return 0;
}

/* The overlapped form: the system sends all of it, and says when. */
static int send__begin(SOCKET native, WSAOVERLAPPED *overlapped, DWORD *bytes, DWORD *flags,
                       void *argument)
{
    const struct send_call *sending = argument;
    *flags = 0;
    return native_error(WSASendTo(native, (WSABUF *)sending->buffers.array, sending->buffers.count,
                                  bytes, sending->flags, sending->to, sending->to_length,
                                  overlapped, NULL));
}

static int send__run(struct send_call *sending)
{
    struct socket *socket = sending->call.socket;
    bool stream = socket->traits.type == SOCK_STREAM;
    sending->call.attempt = stream ? send__attempt_stream : send__attempt_datagram;
    int error = wait_until_done(&sending->call);

    /* A nonblocking send takes what there is room for. */
    if (error == WSAEWOULDBLOCK && sending->sent > 0) {
        error = 0;
    }
    /* A time-out in the middle of a buffer leaves the client as ignorant as a cancel does. */
    if ((error == WSAEINTR || error == WSAETIMEDOUT) && sending->sent > 0) {
        sockets_abort(socket);
    }
    /* Closed by another thread: the connection went away under this call. */
    if (error == WSAENOTSOCK && stream) {
        error = WSAECONNABORTED;
    }
    return error;
}

int WSPAPI WSPSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                     DWORD dwFlags, const struct sockaddr *lpTo, int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                     LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    const struct overlapped_call overlapped = {lpOverlapped, lpCompletionRoutine, lpThreadId};
    DWORD no_flags = 0;
    struct socket *socket;
    int error = sockets_acquire(s, &socket);
    if (error != 0) {
        return result(error, lpErrno);
    }
    if (!socket->traits.overlapped) {
        lpOverlapped = NULL; /* is ignored then */
    }
    error = buffers_check(lpBuffers, dwBufferCount);
    if (error == 0 && lpOverlapped == NULL && lpNumberOfBytesSent == NULL) {
        error = WSAEFAULT;
    }
    if (error == 0) {
        struct send_call sending = {
            .call = {.wait = wait_writable,
                     .socket = socket,
                     .catalog_entry = socket->traits.protocol.dwCatalogEntryId,
                     .may_block = !socket->traits.nonblocking,
                     .timeout = wait_timeout(socket->traits.send_timeout)},
            .buffers = {.array = lpBuffers, .count = dwBufferCount},
            .flags = dwFlags,
            .to = lpTo,
            .to_length = iTolen,
        };
        error = lpOverlapped == NULL ? send__run(&sending)
                                     : overlapped_run(socket, &overlapped, send__begin, &sending,
                                                      &sending.sent, &no_flags);
        if (error == 0 && lpNumberOfBytesSent != NULL) {
            *lpNumberOfBytesSent = sending.sent;
        }
    }
    sockets_release(socket);
    return result(error, lpErrno);
}

int WSPAPI WSPSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent,
                   DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId,
                   LPINT lpErrno)
{
    return WSPSendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, NULL, 0,
                     lpOverlapped, lpCompletionRoutine, lpThreadId, lpErrno);
}
