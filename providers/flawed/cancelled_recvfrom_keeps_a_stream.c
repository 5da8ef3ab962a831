#include "flawed/support/kinds.h"

static SOCKET kept = INVALID_SOCKET;

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && is_stream(s)) {
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
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPCloseSocket = close_once;
}

const struct flaw flaw = {
    .requirement = "PCS-02",
    .what = "a connection whose WSPRecvFrom was cancelled cannot be closed at once",
    .caught_by = "close/works_after_a_cancel/recvfrom_ipv4_stream",
    .change_table = change_table,
};
