#include "flawed/support/made.h"

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

void note_connections(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_note;
}

void end_connections_but(SOCKET s)
{
    int ignored;

    for (LONG i = 0; i < connections && i < CONNECTIONS_MAX; i++) {
        if (connected[i] != s) {
            reference.lpWSPShutdown(connected[i], SD_SEND, &ignored);
        }
    }
}
