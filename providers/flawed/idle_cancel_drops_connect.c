#include "flawed/support/layer.h"

/* The thread's connect that is under way; what a cancel made of it, whatever it said. */
static __thread SOCKET pending = INVALID_SOCKET;
static SOCKET dropped = INVALID_SOCKET;

static int WSPAPI connect_remembered(SOCKET s, const struct sockaddr *name, int length,
                                     LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                     LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    pending = returned != 0 && *error == WSAEWOULDBLOCK ? s : INVALID_SOCKET;
    return returned;
}

static int WSPAPI select_dropped(int count, fd_set *read, fd_set *write, fd_set *except,
                                 const PTIMEVAL timeout, LPINT error)
{
    if (dropped != INVALID_SOCKET && write != NULL && write->fd_count > 0 &&
        write->fd_array[0] == dropped) {
        write->fd_count = 0;
        if (except != NULL) {
            except->fd_count = 1;
        }
        return 1;
    }
    return reference.lpWSPSelect(count, read, write, except, timeout, error);
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned != 0 && pending != INVALID_SOCKET) {
        dropped = pending;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_remembered;
    table->lpWSPSelect = select_dropped;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-11",
    .what = "a cancel that finds no blocking call gives up the thread's non-blocking connect",
    .caught_by = "nonblocking/pending_is_no_blocking_call/connect_*",
    .change_table = change_table,
};
