#include "flawed/support/nested.h"

/* The socket on which this thread is blocked. */
static __thread SOCKET busy = INVALID_SOCKET;

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    SOCKET before = busy;
    int returned;

    busy = s;
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                       overlapped, routine, thread, error);
    busy = before;
    return returned;
}

static int WSPAPI send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          const struct sockaddr *to, int to_length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    if (is_in_callback() && s == busy) {
        *error = WSAESHUTDOWN;
        return SOCKET_ERROR;
    }
    return reference.lpWSPSendTo(s, buffers, count, sent, flags, to, to_length, overlapped, routine,
                                 thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSendTo = send_to;
}

const struct flaw flaw = {
    .requirement = "REENT-01",
    .what = "WSPSendTo in the blocking callback of a WSPRecvFrom on the same socket fails with "
            "WSAESHUTDOWN",
    .caught_by = "nested/socket_of_the_blocked_call/recvfrom_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
