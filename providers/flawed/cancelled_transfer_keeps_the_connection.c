#include "flawed/support/kept.h"

/* As if somebody still waited on the connection: the reference that the call held is never given
 * up. */
static int keep(SOCKET s, int returned, const int *error)
{
    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        keep_connection(s);
    }
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    return keep(
        s,
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error),
        error);
}

static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    return keep(
        s, reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error),
        error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPSend = send_some;
}

const struct flaw flaw = {
    .requirement = "PCS-06",
    .what = "a cancelled WSPRecv or WSPSend holds on to the connection, which then outlives the "
            "closed socket",
    .caught_by = "close/peer_sees_the_end/recv_* close/peer_sees_the_end/send_*",
    .change_table = change_table,
};
