#include "flawed/support/kinds.h"
#include "flawed/support/turns.h"

/* The timers of all threads wait on one event, which a cancel sets. */
static volatile LONG alarms;
static __thread bool timed;
static __thread LONG alarms_before;

static BOOL look_for_the_alarm(LPBLOCKINGCALLBACK callback, DWORD_PTR context)
{
    BOOL answer = callback(context);
    int ignored;

    if (timed && has_cancelled()) {
        InterlockedIncrement(&alarms);
    } else if (timed && alarms != alarms_before) {
        reference.lpWSPCancelBlockingCall(&ignored);
        return FALSE;
    }
    return answer;
}

static bool is_finite(const struct timeval *timeout)
{
    return timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    int returned;

    alarms_before = alarms;
    timed = is_finite(timeout);
    returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    timed = false;
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    alarms_before = alarms;
    timed = has_receive_timeout(s);
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    timed = false;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    take_turns(upcalls, look_for_the_alarm);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
    table->lpWSPRecv = receive;
    watch_cancels(table);
}

const struct flaw flaw = {
    .requirement = "THR-01",
    .what = "a cancel of a WSPSelect or WSPRecv with a time limit ends those of other threads that "
            "have one",
    .caught_by = "thread/cancel_ends_its_own_call/select_beside_select_timed_ipv4 "
                 "thread/cancel_ends_its_own_call/recv_beside_recv_timed_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
