#include "flawed/support/layer.h"

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        *error = WSA_OPERATION_ABORTED;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "RECVFROM-01",
    .what = "a cancelled recvfrom fails with WSA_OPERATION_ABORTED, as an overlapped one does",
    .caught_by = "recvfrom/ends_when_cancelled/*",
    .change_table = change_table,
};
