/*
 * WSPCancelBlockingCall: raises a flag in the frame of the calling thread's innermost blocked call.
 *
 * The flag is all there is to it. The cancel runs on the blocked thread, inside the blocking
 * callback (S9), inside a window procedure which that callback dispatches to (S8), or inside an APC
 * that the native wait let in (CBC-23). In each of them the blocked call is further up the same
 * stack, and sees the flag as soon as control comes back to it (S11, S12). Nothing waits here, and
 * no callback is called (CBC-25).
 */
#include "cancel.h"

#include "entries.h"
#include "network.h"
#include "result.h"
#include "startup.h"

static DWORD cancel__slot = TLS_OUT_OF_INDEXES;

bool cancel_initialise(void)
{
    cancel__slot = TlsAlloc();
    return cancel__slot != TLS_OUT_OF_INDEXES;
}

void cancel_uninitialise(void)
{
    TlsFree(cancel__slot);
    cancel__slot = TLS_OUT_OF_INDEXES;
}

void cancel_enter(struct cancel_frame *frame)
{
    frame->outer = TlsGetValue(cancel__slot);
    frame->blocked = false;
    frame->cancelled = false;
    TlsSetValue(cancel__slot, frame);
}

void cancel_leave(const struct cancel_frame *frame)
{
    TlsSetValue(cancel__slot, frame->outer);
}

bool cancel_is_inside(void)
{
    return TlsGetValue(cancel__slot) != NULL;
}

int WSPAPI WSPCancelBlockingCall(LPINT lpErrno)
{
    int error = startup_enter_to_cancel();
    if (error != 0) {
        return result(error, lpErrno);
    }

    /* A call that was made from a callback and did not need to block, an accept running its
     * condition function say, is not outstanding; the one outside it is (CBC-14). */
    struct cancel_frame *frame = TlsGetValue(cancel__slot);
    while (frame != NULL && !frame->blocked) {
        frame = frame->outer;
    }

    /* A network subsystem that has failed is reported as such (S5), and the call ends by itself.
     *
     * Cancelling the same call again is a success too: it is still outstanding, and it will end
     * (CBC-19 leaves this free). Without one the answer is WSAEINVAL (S6). */
    if (network_is_down()) {
        error = WSAENETDOWN;
    } else if (frame != NULL) {
        frame->cancelled = true;
    } else {
        error = WSAEINVAL;
    }

    startup_leave();
    return result(error, lpErrno);
}
