#include "flawed/support/last_clean_up.h"

/* Those on which a call was cancelled are taken to be dealt with. */
static SOCKET cancelled_on = INVALID_SOCKET;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR) {
        cancelled_on = s;
    }
    return returned;
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = to_read != NULL && to_read->fd_count > 0 ? to_read->fd_array[0] : INVALID_SOCKET;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        cancelled_on = first;
    }
    return returned;
}

static bool was_cancelled_on(SOCKET s)
{
    return s == cancelled_on;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPSelect = select_on;
    make_the_last_clean_up(table, was_cancelled_on);
}

const struct flaw flaw = {
    .requirement = "CLEANUP-04",
    .what = "the last WSPCleanup leaves connections open on which a call was cancelled",
    .caught_by = "startup/last_clean_up_resets_connections/cancelled_*",
    .change_table = change_table,
};
