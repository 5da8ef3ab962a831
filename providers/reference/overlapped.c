/*
 * Overlapped operations, over the system's own.
 *
 * The native operation does all of it: it waits, keeps the order of several on one socket, and ends
 * when the socket does. What is left to do here is to tell the client in the way it asked for, from
 * the thread of port.c, and to let a close or the last clean-up call it off: sockets.c cancels the
 * native operations, which then come back like any other, with WSA_OPERATION_ABORTED (CLOSE-02).
 *
 * The results stand in the client's own structure. Two of its members are the provider's, and hold
 * the flags and the error; bytes and state are filled in by ws2_32 when it is told.
 */
#include "overlapped.h"

#include <stdlib.h>

#include "entries.h"
#include "port.h"
#include "result.h"
#include "upcalls.h"
#include "wait.h"

struct overlapped_operation {
    struct port_operation port; /* stands first, see port.h */
    struct socket *socket;
    struct overlapped_call call;
    WSATHREADID thread; /* a copy; the original is ws2_32's */
    DWORD error;
    DWORD bytes;
    DWORD flags;
    LONG life; /* of the provider; see overlapped__life */
};

static volatile LONG overlapped__silent;
static volatile LONG overlapped__life; /* how often the provider was cleaned up for good */

static bool overlapped__is_in_progress(const WSAOVERLAPPED *overlapped)
{
    return *(const volatile ULONG_PTR *)&overlapped->Internal == WSS_OPERATION_IN_PROGRESS;
}

/* As ws2_32 does it: who sees the state has the results. */
static void overlapped__set_state(WSAOVERLAPPED *overlapped, DWORD error, DWORD bytes)
{
    overlapped->InternalHigh = bytes;
    MemoryBarrier();
    overlapped->Internal = error;
}

/* On the client's thread, in an alertable wait. The provider may have been cleaned up since the
 * call was queued; then the client is not to hear of it any more. */
static void CALLBACK overlapped__call_routine(DWORD_PTR context)
{
    struct overlapped_operation *operation = (struct overlapped_operation *)context;
    struct overlapped_operation ended = *operation;
    free(operation);
    if (ended.life == overlapped__life) {
        ended.call.routine(ended.error, ended.bytes, ended.call.overlapped, ended.flags);
    }
}

/* Tells the client. Without a lock: the answer comes from foreign code. True if the operation is
 * needed for that a while longer. */
static bool overlapped__tell(struct overlapped_operation *operation)
{
    WSAOVERLAPPED *overlapped = operation->call.overlapped;
    overlapped->Offset = operation->flags;
    overlapped->OffsetHigh = operation->error;

    if (!overlapped__silent && operation->call.routine == NULL) {
        upcalls_complete(operation->socket->handle, overlapped, operation->error, operation->bytes);
        return false;
    }
    overlapped__set_state(overlapped, operation->error, operation->bytes);
    return !overlapped__silent && upcalls_queue_apc(&operation->thread, overlapped__call_routine,
                                                    (DWORD_PTR)operation) == 0;
}

static void overlapped__complete(struct overlapped_operation *operation)
{
    struct socket *socket = operation->socket;
    if (!overlapped__tell(operation)) {
        free(operation);
    }
    sockets_let_go(socket);
}

/* On the port's thread. */
static void overlapped__ended(struct port_operation *port)
{
    struct overlapped_operation *operation = (struct overlapped_operation *)port;
    struct socket *socket = operation->socket;

    AcquireSRWLockShared(&socket->lock);
    if (!WSAGetOverlappedResult(socket->native, &operation->port.native, &operation->bytes, FALSE,
                                &operation->flags)) {
        operation->error = (DWORD)WSAGetLastError();
    }
    /* A stream that a cancel has damaged fails everything with this (S21). */
    if (operation->error == WSA_OPERATION_ABORTED && socket->state == SOCKET_ABORTED) {
        operation->error = WSAECONNABORTED;
    }
    ReleaseSRWLockShared(&socket->lock);

    overlapped__complete(operation);
}

static int overlapped__attach(struct socket *socket)
{
    int error = socket->attached ? 0 : port_attach(socket->native);
    socket->attached = error == 0;
    return error;
}

/* Under the socket's lock, so that a close comes either before it or finds it to call off. */
static int overlapped__begin(struct overlapped_operation *operation, overlapped_begin begin,
                             void *argument)
{
    struct socket *socket = operation->socket;
    port_expect();
    int error = begin(socket->native, &operation->port.native, &operation->bytes, &operation->flags,
                      argument);
    if (error != WSA_IO_PENDING) {
        port_expect_no_more();
    }
    if (error == 0 || error == WSA_IO_PENDING) {
        sockets_hold(socket);
    }
    return error;
}

/* A function that was queued to a thread cannot be called back, and the client is free to unload
 * this DLL before that thread comes to run it. So the DLL stays. */
static void overlapped__stay_loaded(void)
{
    HMODULE self;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                       (LPCWSTR)(ULONG_PTR)&overlapped__life, &self);
}

static struct overlapped_operation *overlapped__new(struct socket *socket,
                                                    const struct overlapped_call *call)
{
    struct overlapped_operation *operation = calloc(1, sizeof *operation);
    if (operation != NULL) {
        operation->port.ended = overlapped__ended;
        operation->socket = socket;
        operation->call = *call;
        operation->life = overlapped__life;
        if (call->routine != NULL) {
            operation->thread = *call->thread;
        }
    }
    return operation;
}

int overlapped_run(struct socket *socket, const struct overlapped_call *call,
                   overlapped_begin begin, void *argument, DWORD *bytes, DWORD *flags)
{
    if (call->routine != NULL) {
        if (call->thread == NULL) {
            return WSAEFAULT;
        }
        overlapped__stay_loaded();
    } else if (call->overlapped->hEvent != NULL) {
        upcalls_reset_event(call->overlapped->hEvent);
    }
    struct overlapped_operation *operation = overlapped__new(socket, call);
    if (operation == NULL) {
        return WSAENOBUFS;
    }

    operation->flags = *flags;
    call->overlapped->Internal = WSS_OPERATION_IN_PROGRESS;
    bool pending = false;
    int error = sockets_lock(socket);
    if (error == 0) {
        error = overlapped__attach(socket);
        if (error == 0) {
            error = overlapped__begin(operation, begin, argument);
            pending = error == WSA_IO_PENDING;
        }
        sockets_unlock(socket);
    }
    if (error == 0) {
        *bytes = operation->bytes;
        *flags = operation->flags;
        overlapped__complete(operation);
    } else if (!pending) { /* otherwise it may be gone by now */
        call->overlapped->Internal = (DWORD)error;
        free(operation);
    }
    return error;
}

void overlapped_fall_silent(void)
{
    InterlockedExchange(&overlapped__silent, 1);
}

void overlapped_close(void)
{
    port_close();
    InterlockedIncrement(&overlapped__life);
    InterlockedExchange(&overlapped__silent, 0);
}

struct result_call {
    struct blocking_call call;
    const WSAOVERLAPPED *overlapped;
};

static int result__attempt(struct blocking_call *call)
{
    const struct result_call *asking = (const struct result_call *)call;
    return overlapped__is_in_progress(asking->overlapped) ? WSAEWOULDBLOCK : 0;
}

static void result__wait(struct blocking_call *call, DWORD milliseconds)
{
    const struct result_call *asking = (const struct result_call *)call;
    if (WaitForSingleObjectEx(asking->overlapped->hEvent, milliseconds, TRUE) == WAIT_FAILED) {
        SleepEx(milliseconds, TRUE);
    }
}

/* Waiting for the result is a blocking call like any other: called back, and to be cancelled. The
 * operation itself goes on then (OVL-04). */
static int result__get(struct socket *socket, const WSAOVERLAPPED *overlapped, BOOL wait)
{
    struct result_call asking = {
        .call = {.attempt = result__attempt,
                 .wait = result__wait,
                 .socket = socket,
                 .catalog_entry = socket->traits.protocol.dwCatalogEntryId,
                 .may_block = wait,
                 .timeout = WAIT_FOREVER},
        .overlapped = overlapped,
    };
    if (wait && overlapped->hEvent == NULL && overlapped__is_in_progress(overlapped)) {
        return WSA_INVALID_HANDLE;
    }
    int error = wait_until_done(&asking.call);
    return error == WSAEWOULDBLOCK ? WSA_IO_INCOMPLETE : error;
}

BOOL WSPAPI WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer,
                                   BOOL fWait, LPDWORD lpdwFlags, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_acquire(s, &socket);
    if (error == 0) {
        if (lpOverlapped == NULL || lpcbTransfer == NULL || lpdwFlags == NULL) {
            error = WSAEFAULT;
        } else {
            error = result__get(socket, lpOverlapped, fWait);
        }
        if (error == 0) {
            error = (int)lpOverlapped->OffsetHigh;
        }
        if (error == 0) {
            *lpcbTransfer = (DWORD)lpOverlapped->InternalHigh;
            *lpdwFlags = lpOverlapped->Offset;
        }
        sockets_release(socket);
    }
    return result(error, lpErrno) == 0;
}
