#include "flawed/support/turns.h"

/* The wish is looked at when the callback is over; each receive begins with none. */
static __thread bool wished;
static __thread bool in_callback;

static BOOL turn(LPBLOCKINGCALLBACK callback, DWORD_PTR context)
{
    bool outer = in_callback;
    BOOL answer;
    int ignored;

    in_callback = true;
    answer = callback(context);
    in_callback = outer;
    if (wished) {
        wished = false;
        reference.lpWSPCancelBlockingCall(&ignored);
        return answer;
    }
    return TRUE;
}

static int WSPAPI cancel(LPINT error)
{
    if (!in_callback || error == NULL) {
        return reference.lpWSPCancelBlockingCall(error);
    }
    wished = true;
    return 0;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    wished = false;
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    take_turns(upcalls, turn);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-02",
    .what = "a WSPRecv in the callback, after the cancel there, makes the cancel forgotten",
    .caught_by = "cancel/after_another_call/recv_afterwards_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
