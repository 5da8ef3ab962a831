#include "flawed/support/layer.h"

/* Looks whether there is something to read by reading it. */
static void swallow(SOCKET s)
{
    char byte;
    WSABUF buffer = {.len = 1, .buf = &byte};
    DWORD received;
    DWORD flags = 0;
    u_long waiting = 0;
    int ignored;

    if (reference.lpWSPIoctl(s, (DWORD)FIONREAD, NULL, 0, &waiting, sizeof waiting, &received, NULL,
                             NULL, NULL, &ignored) == 0 &&
        waiting > 0) {
        reference.lpWSPRecv(s, &buffer, 1, &received, &flags, NULL, NULL, NULL, &ignored);
    }
}

static int WSPAPI select_by_reading(int count, fd_set *read, fd_set *write, fd_set *except,
                                    const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (ready == SOCKET_ERROR && *error == WSAEINTR && read != NULL && read->fd_count > 0) {
        swallow(read->fd_array[0]);
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_by_reading;
}

const struct flaw flaw = {
    .requirement = "SELECT-03",
    .what = "a cancelled WSPSelect takes a byte from the stream, which nobody gets",
    .caught_by = "select/arriving_data_is_kept/*",
    .change_table = change_table,
};
