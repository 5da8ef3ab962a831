#include "flawed/support/kinds.h"

static SOCKET kept = INVALID_SOCKET;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && !is_stream(s)) {
        kept = s;
    }
    return returned;
}

static int WSPAPI close_once(SOCKET s, LPINT error)
{
    if (s == kept) {
        kept = INVALID_SOCKET;
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCloseSocket = close_once;
}

const struct flaw flaw = {
    .requirement = "PCS-02",
    .what = "a datagram socket whose WSPRecv was cancelled cannot be closed at once",
    .caught_by = "close/works_after_a_cancel/recv_ipv4_datagram",
    .change_table = change_table,
};
