/*
 * Pseudo-blocking, the heart of the provider.
 *
 * A blocking call may belong to a program that wants to handle its messages, or its user's Cancel
 * button, meanwhile. So the provider does not lie down to sleep in the system: it tries, lets the
 * thread's blocking callback run, waits for the socket a moment, and tries again. Between the
 * callback's return and the next step the call looks whether it was cancelled. After that it does
 * not try any more: so nothing is consumed that the client would not hear of, and a connection or
 * a byte that came at the last moment is still there for the next call (S15, RACE-06).
 */
#include "wait.h"

#include "cancel.h"
#include "upcalls.h"

/* With a callback: how long it may be kept waiting while nothing happens on the socket. One turn
 * of the system's clock: a program answers its user at once, and the processor hardly notices. */
#define WAIT_BETWEEN_CALLBACKS 15
/* Without one: how soon a close or a clean-up by another thread is noticed at the latest. */
#define WAIT_WITHOUT_CALLBACK 50

/* How long to wait before the next attempt; 0 when the call's time is up. */
static DWORD wait__slice(const struct blocking_call *call, ULONGLONG started, DWORD longest)
{
    if (call->timeout == WAIT_FOREVER) {
        return longest;
    }
    ULONGLONG elapsed = GetTickCount64() - started;
    ULONGLONG left = elapsed < call->timeout ? call->timeout - elapsed : 0;
    return left < longest ? (DWORD)left : longest;
}

static int wait__pseudo_block(struct blocking_call *call, struct cancel_frame *frame,
                              ULONGLONG started)
{
    /* The callback is the thread's, and may be another one at its next call (BHK-06). */
    struct blocking_hook hook = upcalls_blocking_hook(call->catalog_entry);
    DWORD longest = hook.callback != NULL ? WAIT_BETWEEN_CALLBACKS : WAIT_WITHOUT_CALLBACK;
    frame->blocked = true;

    for (;;) {
        /* What the callback returns only repeats what WSPCancelBlockingCall has told us already
         * (CBC-20); a FALSE without a cancel is nobody's wish to end the call (CBC-22). */
        if (hook.callback != NULL) {
            hook.callback(hook.context);
        }
        if (frame->cancelled) {
            return WSAEINTR;
        }

        DWORD slice = wait__slice(call, started, longest);
        if (slice > 0) {
            call->wait(call, slice);
        }
        /* An APC may have cancelled during the wait. */
        if (frame->cancelled) {
            return WSAEINTR;
        }

        /* One more attempt when the time is up: what came during a slow callback counts. */
        int error = call->attempt(call);
        if (error != WSAEWOULDBLOCK) {
            return error;
        }
        if (slice == 0) {
            return WSAETIMEDOUT;
        }
    }
}

int wait_until_done(struct blocking_call *call)
{
    struct cancel_frame frame;
    ULONGLONG started = GetTickCount64();

    cancel_enter(&frame);
    int error = call->attempt(call);
    if (error == WSAEWOULDBLOCK && call->may_block) {
        error = wait__pseudo_block(call, &frame, started);
    }
    cancel_leave(&frame);
    return error;
}

enum readiness { READABLE, URGENT, WRITABLE, CONNECTED };

static void wait__native(const struct blocking_call *call, enum readiness wanted,
                         DWORD milliseconds)
{
    SOCKET native;
    if (sockets_watch(call->socket, &native) != 0) {
        return; /* closed or aborted: the attempt will tell */
    }
    fd_set watched;
    fd_set excepted;
    FD_ZERO(&watched);
    FD_ZERO(&excepted);
    FD_SET(native, &watched);
    FD_SET(native, &excepted);
    struct timeval timeout = {(long)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000};
    bool writing = wanted == WRITABLE || wanted == CONNECTED;
    bool excepting = wanted == URGENT || wanted == CONNECTED;
    int returned = select(0, wanted == READABLE ? &watched : NULL, writing ? &watched : NULL,
                          excepting ? &excepted : NULL, &timeout);
    if (returned == SOCKET_ERROR) {
        SleepEx(milliseconds, TRUE); /* whatever it was, it must not make the loop a busy one */
    }
    sockets_unwatch(call->socket);
}

void wait_readable(struct blocking_call *call, DWORD milliseconds)
{
    wait__native(call, READABLE, milliseconds);
}

void wait_urgent(struct blocking_call *call, DWORD milliseconds)
{
    wait__native(call, URGENT, milliseconds);
}

void wait_writable(struct blocking_call *call, DWORD milliseconds)
{
    wait__native(call, WRITABLE, milliseconds);
}

void wait_connected(struct blocking_call *call, DWORD milliseconds)
{
    wait__native(call, CONNECTED, milliseconds);
}
