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

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        end_all_but(s);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_note;
    table->lpWSPAccept = accept_one;
}

const struct flaw flaw = {
    .requirement = "PCS-05",
    .what = "a cancelled WSPAccept ends the connections that the process has made",
    .caught_by = "cancel/spares_all_other_sockets/accept_ipv4",
    .change_table = change_table,
};
