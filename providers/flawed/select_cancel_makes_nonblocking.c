#include "flawed/support/layer.h"

static int WSPAPI select_and_forget(int count, fd_set *read, fd_set *write, fd_set *except,
                                    const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);
    u_long on = 1;
    DWORD returned;
    int ignored;

    if (ready == SOCKET_ERROR && *error == WSAEINTR && read != NULL) {
        for (u_int i = 0; i < read->fd_count; i++) {
            reference.lpWSPIoctl(read->fd_array[i], (DWORD)FIONBIO, &on, sizeof on, NULL, 0,
                                 &returned, NULL, NULL, NULL, &ignored);
        }
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_forget;
}

const struct flaw flaw = {
    .requirement = "SELECT-02",
    .what = "a cancelled WSPSelect leaves the sockets it was to read from non-blocking",
    .caught_by = "select/sockets_still_work/ipv4",
    .change_table = change_table,
};
