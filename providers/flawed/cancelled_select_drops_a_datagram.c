#include "flawed/support/kinds.h"
#include "flawed/support/readable.h"

static int WSPAPI select_on(int count, fd_set *read, fd_set *write, fd_set *except,
                            const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (returned != SOCKET_ERROR || *error != WSAEINTR) {
        return returned;
    }
    for (u_int i = 0; except != NULL && i < except->fd_count; i++) {
        SOCKET s = except->fd_array[i];
        if (!is_stream(s) && is_readable(s)) {
            static char bytes[65536];
            WSABUF buffer = {sizeof bytes, bytes};
            DWORD received;
            DWORD flags = 0;
            int ignored;
            reference.lpWSPRecv(s, &buffer, 1, &received, &flags, NULL, NULL, NULL, &ignored);
        }
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-03",
    .what = "a cancelled WSPSelect drops the datagram that waits on a socket of its exception set",
    .caught_by = "select/arriving_datagram_is_kept/watched_for_exceptions_after_the_cancel_ipv4",
    .change_table = change_table,
};
