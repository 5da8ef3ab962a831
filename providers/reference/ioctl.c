/*
 * WSPIoctl. Three codes change or ask for something at once; two wait for a change of the machine's
 * addresses or routes, and that can last for ever: they are blocking calls like any other
 * (IOCTL-01). The native socket carries them out as overlapped operations, which can be withdrawn.
 */
#include <string.h>

#include "entries.h"
#include "overlapped.h"
#include "result.h"
#include "sockets.h"
#include "wait.h"

struct change_call {
    struct blocking_call call;
    DWORD code;
    void *in;
    DWORD in_size;
    WSAOVERLAPPED overlapped;
    SOCKET native; /* on which the native operation was started, or INVALID_SOCKET */
};

/* The native socket is watched while the operation is pending, so that it can be withdrawn even if
 * another thread has closed the socket meanwhile. */
static int ioctl__start(struct change_call *change)
{
    struct socket *socket = change->call.socket;
    SOCKET native;
    int error = sockets_watch(socket, &native);
    if (error != 0) {
        return error;
    }
    DWORD returned = 0;
    error = native_error(WSAIoctl(native, change->code, change->in, change->in_size, NULL, 0,
                                  &returned, &change->overlapped, NULL));
    if (error == WSA_IO_PENDING) {
        change->native = native;
        return WSAEWOULDBLOCK;
    }
    sockets_unwatch(socket);
    return error;
}

static int ioctl__attempt(struct blocking_call *call)
{
    struct change_call *change = (struct change_call *)call;
    if (change->native == INVALID_SOCKET) {
        return ioctl__start(change);
    }
    int error = sockets_lock(call->socket);
    if (error != 0) {
        return error;
    }
    DWORD returned;
    DWORD flags;
    if (WaitForSingleObject(change->overlapped.hEvent, 0) != WAIT_OBJECT_0) {
        error = WSAEWOULDBLOCK;
    } else if (!WSAGetOverlappedResult(change->native, &change->overlapped, &returned, FALSE,
                                       &flags)) {
        error = WSAGetLastError();
    }
    sockets_unlock(call->socket);
    return error;
}

static void ioctl__wait(struct blocking_call *call, DWORD milliseconds)
{
    const struct change_call *change = (const struct change_call *)call;
    WaitForSingleObjectEx(change->overlapped.hEvent, milliseconds, TRUE);
}

/* The system must have let go of our stack before we leave. Where it has nothing to cancel the
 * operation has ended; or there never was one, as with Wine's answer to
 * SIO_ROUTING_INTERFACE_CHANGE, which says pending and does nothing. */
static void ioctl__withdraw(struct change_call *change)
{
    if (CancelIoEx((HANDLE)change->native, (OVERLAPPED *)&change->overlapped)) {
        WaitForSingleObject(change->overlapped.hEvent, INFINITE);
    }
}

/* The overlapped forms: of waiting for a change, and of what has been done already. */
static int ioctl__begin_change(SOCKET native, WSAOVERLAPPED *overlapped, DWORD *bytes, DWORD *flags,
                               void *argument)
{
    const struct change_call *change = argument;
    (void)flags;
    return native_error(WSAIoctl(native, change->code, change->in, change->in_size, NULL, 0, bytes,
                                 overlapped, NULL));
}

static int ioctl__begin_nothing(SOCKET native, WSAOVERLAPPED *overlapped, DWORD *bytes,
                                DWORD *flags, void *argument)
{
    (void)native;
    (void)overlapped;
    (void)flags;
    *bytes = *(const DWORD *)argument;
    return 0;
}

static int ioctl__await_change(struct socket *socket, DWORD code, void *in, DWORD in_size)
{
    if (socket->traits.nonblocking) {
        return WSAEWOULDBLOCK; /* the change is then announced by FD_ADDRESS_LIST_CHANGE & co. */
    }
    struct change_call change = {
        .call = {.attempt = ioctl__attempt,
                 .wait = ioctl__wait,
                 .socket = socket,
                 .catalog_entry = socket->traits.protocol.dwCatalogEntryId,
                 .may_block = true,
                 .timeout = WAIT_FOREVER},
        .code = code,
        .in = in,
        .in_size = in_size,
        .native = INVALID_SOCKET,
    };
    change.overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (change.overlapped.hEvent == NULL) {
        return WSAENOBUFS;
    }
    /* The lowest bit, which is no part of a handle, keeps it away from the completion port. */
    change.overlapped.hEvent = (HANDLE)((ULONG_PTR)change.overlapped.hEvent | 1);
    int error = wait_until_done(&change.call);
    if (change.native != INVALID_SOCKET) {
        if (error != 0) {
            ioctl__withdraw(&change);
        }
        sockets_unwatch(socket);
    }
    CloseHandle(change.overlapped.hEvent);
    return error;
}

/* While network events are watched there is no way back to blocking (NB-03). */
static int ioctl__set_mode(struct socket *socket, bool nonblocking)
{
    if (!nonblocking && socket->traits.events != 0) {
        return WSAEINVAL;
    }
    socket->traits.nonblocking = nonblocking;
    return 0;
}

static int ioctl__immediate(struct socket *socket, DWORD code, const void *in, DWORD in_size,
                            void *out, DWORD out_size, DWORD *returned)
{
    u_long value = 0;
    int error = sockets_lock(socket);
    if (error != 0) {
        return error;
    }
    if (code == FIONBIO) {
        if (in == NULL || in_size < sizeof value) {
            error = WSAEFAULT;
        } else {
            memcpy(&value, in, sizeof value);
            error = ioctl__set_mode(socket, value != 0);
        }
    } else if (out == NULL || out_size < sizeof value) {
        error = WSAEFAULT;
    } else {
        error = native_error(ioctlsocket(socket->native, (long)code, &value));
        if (error == 0) {
            memcpy(out, &value, sizeof value);
            *returned = sizeof value;
        }
    }
    sockets_unlock(socket);
    return error;
}

int WSPAPI WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
                    LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
                    LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    const struct overlapped_call overlapped = {lpOverlapped, lpCompletionRoutine, lpThreadId};
    struct change_call change = {.code = dwIoControlCode, .in = lpvInBuffer, .in_size = cbInBuffer};
    DWORD no_flags = 0;
    struct socket *socket;
    int error = sockets_acquire(s, &socket);
    if (error != 0) {
        return result(error, lpErrno);
    }
    DWORD returned = 0;
    if (!socket->traits.overlapped) {
        lpOverlapped = NULL; /* is ignored then */
    }
    if (lpOverlapped == NULL && lpcbBytesReturned == NULL) {
        error = WSAEFAULT;
    } else {
        switch (dwIoControlCode) {
        case FIONBIO:
        case FIONREAD:
        case SIOCATMARK:
            error = ioctl__immediate(socket, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer,
                                     cbOutBuffer, &returned);
            if (error == 0 && lpOverlapped != NULL) {
                error = overlapped_run(socket, &overlapped, ioctl__begin_nothing, &returned,
                                       &returned, &no_flags);
            }
            break;
        case SIO_ADDRESS_LIST_CHANGE:
        case SIO_ROUTING_INTERFACE_CHANGE:
            error = lpOverlapped == NULL
                        ? ioctl__await_change(socket, dwIoControlCode, lpvInBuffer, cbInBuffer)
                        : overlapped_run(socket, &overlapped, ioctl__begin_change, &change,
                                         &returned, &no_flags);
            break;
        default:
            error = WSAEOPNOTSUPP;
            break;
        }
        if (error == 0 && lpcbBytesReturned != NULL) {
            *lpcbBytesReturned = returned;
        }
    }
    sockets_release(socket);
    return result(error, lpErrno);
}
