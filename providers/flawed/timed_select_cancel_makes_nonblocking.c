#include "flawed/support/layer.h"

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    u_long on = 1;
    DWORD size;
    int ignored;

    if (returned == SOCKET_ERROR && *error == WSAEINTR && timeout != NULL && to_read != NULL) {
        for (u_int i = 0; i < to_read->fd_count; i++) {
            reference.lpWSPIoctl(to_read->fd_array[i], (DWORD)FIONBIO, &on, sizeof on, NULL, 0,
                                 &size, NULL, NULL, NULL, &ignored);
        }
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-02",
    .what = "a cancelled WSPSelect with a finite timeout leaves the sockets it was to read from "
            "non-blocking",
    .caught_by = "select/sockets_still_work/timed_ipv4",
    .change_table = change_table,
};
