#include "flawed/support/layer.h"

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && from == NULL) {
        *error = WSAECANCELLED;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "RECVFROM-01",
    .what = "a cancelled WSPRecvFrom that is not to name the sender fails with WSAECANCELLED",
    .caught_by = "recvfrom/ends_when_cancelled/no_address_*",
    .change_table = change_table,
};
