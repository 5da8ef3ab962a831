#include "flawed/support/nested.h"

/* The socket on which this thread is blocked. */
static __thread SOCKET busy = INVALID_SOCKET;

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    SOCKET before = busy;
    int returned;

    busy = s;
    returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
    busy = before;
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    if (is_in_callback() && s == busy) {
        *error = WSAEWOULDBLOCK;
        return SOCKET_ERROR;
    }
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_out;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "REENT-01",
    .what = "WSPRecv in the blocking callback of a WSPSend on the same socket fails with "
            "WSAEWOULDBLOCK although bytes are there",
    .caught_by = "nested/socket_of_the_blocked_call/send_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
