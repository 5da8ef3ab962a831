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

static void end_all_but(SOCKET s)
{
    int ignored;

    for (LONG i = 0; i < connections && i < CONNECTIONS_MAX; i++) {
        if (connected[i] != s) {
            reference.lpWSPShutdown(connected[i], SD_SEND, &ignored);
        }
    }
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = to_read != NULL && to_read->fd_count > 0 ? to_read->fd_array[0] : INVALID_SOCKET;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        end_all_but(first);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_note;
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "PCS-05",
    .what = "a cancelled WSPSelect ends the connections that are not in its set",
    .caught_by = "cancel/spares_all_other_sockets/select_ipv4",
    .change_table = change_table,
};
