#include "flawed/support/layer.h"

/* The one connect of which the provider keeps account, until its socket is closed. */
static SOCKET cancelled = INVALID_SOCKET;
static SRWLOCK lock = SRWLOCK_INIT;

static void set_cancelled(SOCKET before, SOCKET after)
{
    AcquireSRWLockExclusive(&lock);
    if (cancelled == before) {
        cancelled = after;
    }
    ReleaseSRWLockExclusive(&lock);
}

static bool is_busy(SOCKET s)
{
    bool busy;

    AcquireSRWLockShared(&lock);
    busy = cancelled != INVALID_SOCKET && cancelled != s;
    ReleaseSRWLockShared(&lock);
    return busy;
}

static int WSPAPI connect_if_free(SOCKET s, const struct sockaddr *name, int length,
                                  LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                  LPINT error)
{
    int returned;

    if (is_busy(s)) {
        *error = WSAEALREADY;
        return SOCKET_ERROR;
    }
    returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    if (returned != 0 && *error == WSAEINTR) {
        set_cancelled(INVALID_SOCKET, s);
    }
    return returned;
}

static int WSPAPI close_and_free(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);

    if (returned == 0) {
        set_cancelled(s, INVALID_SOCKET);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_if_free;
    table->lpWSPCloseSocket = close_and_free;
}

const struct flaw flaw = {
    .requirement = "CONNECT-09",
    .what = "while the socket of a cancelled WSPConnect is open, every other WSPConnect fails with "
            "WSAEALREADY, to whatever peer",
    .caught_by = "connect/another_peer_is_reached/*_while_it_is_open",
    .change_table = change_table,
};
