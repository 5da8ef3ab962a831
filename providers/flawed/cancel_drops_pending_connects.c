#include "flawed/support/blocking.h"

static __thread SOCKET pending;
static SOCKET dropped = INVALID_SOCKET;

static WSPPROC_TABLE wrapped;

static int drop(int error)
{
    if (error == WSAEINTR && pending != 0) {
        dropped = pending;
    }
    return error;
}

static int WSPAPI connect_to(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                             LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    int returned = wrapped.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned != 0 && *error == WSAEWOULDBLOCK) {
        pending = s;
    }
    return returned;
}

/* The connect that was given up has failed, as far as its client hears. */
static int WSPAPI wait_for_some(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                const PTIMEVAL timeout, LPINT error)
{
    if (to_write != NULL && to_write->fd_count > 0 && to_write->fd_array[0] == dropped) {
        to_write->fd_count = 0;
        return 1;
    }
    return wrapped.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = drop});
    wrapped = *table;
    table->lpWSPConnect = connect_to;
    table->lpWSPSelect = wait_for_some;
}

const struct flaw flaw = {
    .requirement = "NB-02",
    .what = "a cancel also gives up the non-blocking WSPConnect that the thread has left pending",
    .caught_by = "nonblocking/others_are_still_notified/*_beside_a_connect_*",
    .change_table = change_table,
};
