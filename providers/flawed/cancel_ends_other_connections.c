#include "flawed/support/layer.h"

enum { CONNECTIONS_MAX = 64 };

static SOCKET connected[CONNECTIONS_MAX];
static volatile LONG connections;

static int WSPAPI connect_and_note(SOCKET s, const struct sockaddr *name, int length,
                                   LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                   LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned == 0) {
        connected[(InterlockedIncrement(&connections) - 1) % CONNECTIONS_MAX] = s;
    }
    return returned;
}

/* What the cancel leaves behind is cleared away, and whatever lies beside it. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    int ignored;

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        for (LONG i = 0; i < connections && i < CONNECTIONS_MAX; i++) {
            if (connected[i] != s) {
                reference.lpWSPShutdown(connected[i], SD_SEND, &ignored);
            }
        }
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_note;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "PCS-05",
    .what = "a cancelled WSPRecv ends all other connections of the process as well",
    .caught_by = "cancel/spares_all_other_sockets/recv_*",
    .change_table = change_table,
};
