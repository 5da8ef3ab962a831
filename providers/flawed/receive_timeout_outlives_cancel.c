#include "flawed/support/layer.h"

/* When the thread's receive is to give up; 0 for never. A cancelled call does not clear it. */
static __thread ULONGLONG deadline;

static DWORD timeout_of(SOCKET s)
{
    DWORD timeout = 0;
    int size = sizeof timeout;
    int ignored;

    reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, &size, &ignored);
    return timeout;
}

static void set_timeout(SOCKET s, DWORD timeout)
{
    int ignored;

    reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&timeout, sizeof timeout,
                              &ignored);
}

static DWORD time_left(void)
{
    ULONGLONG now = GetTickCount64();

    return deadline > now ? (DWORD)(deadline - now) : 1;
}

static int receive_in_time(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                           struct sockaddr *from, LPINT length, LPWSATHREADID thread, LPINT error)
{
    DWORD timeout = timeout_of(s);
    bool late = timeout == 0 && deadline != 0;
    int returned;

    if (late) {
        set_timeout(s, time_left());
    } else if (timeout != 0) {
        deadline = GetTickCount64() + timeout;
    }
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length, NULL, NULL,
                                       thread, error);
    if (late) {
        set_timeout(s, 0);
    }
    if (returned == 0 || *error != WSAEINTR) {
        deadline = 0;
    }
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    return overlapped != NULL
               ? reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                         overlapped, routine, thread, error)
               : receive_in_time(s, buffers, count, received, flags, from, length, thread, error);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    return receive_from(s, buffers, count, received, flags, NULL, NULL, overlapped, routine, thread,
                        error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "STICKY-01",
    .what = "the SO_RCVTIMEO of a cancelled receive goes on for the thread's next receive, on a "
            "socket without one",
    .caught_by = "sticky/cancel_spares_the_next_call/timed_recv*",
    .change_table = change_table,
};
