#include "flawed/support/kinds.h"

static volatile LONG cleanups;

/* Woken before its time, a transfer with a time limit takes that for its end. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    LONG before = cleanups;
    bool limited = has_receive_timeout(s);
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && cleanups != before && limited) {
        *error = WSAETIMEDOUT;
    }
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    LONG before = cleanups;
    bool limited = has_receive_timeout(s);
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && cleanups != before && limited) {
        *error = WSAETIMEDOUT;
    }
    return returned;
}

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    LONG before = cleanups;
    bool limited = has_send_timeout(s);
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && cleanups != before && limited) {
        *error = WSAETIMEDOUT;
    }
    return returned;
}

static int WSPAPI clean_up(LPINT error)
{
    InterlockedIncrement(&cleanups);
    return reference.lpWSPCleanup(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_out;
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-01",
    .what = "a WSPRecv, WSPRecvFrom or WSPSend with a timeout that the last WSPCleanup ends fails "
            "with WSAETIMEDOUT",
    .caught_by = "startup/last_clean_up_ends_blocked_calls/timed_recv_ipv4 "
                 "startup/last_clean_up_ends_blocked_calls/timed_recvfrom_ipv4 "
                 "startup/last_clean_up_ends_blocked_calls/timed_send_ipv4",
    .change_table = change_table,
};
