#include "flawed/support/made.h"

/* What the cancel leaves behind is cleared away, and whatever lies beside it. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        end_connections_but(s);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    note_connections(table);
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "PCS-05",
    .what = "a cancelled WSPRecv ends all other connections of the process as well",
    .caught_by = "cancel/spares_all_other_sockets/recv_*",
    .change_table = change_table,
};
