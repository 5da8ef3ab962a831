#include "flawed/support/layer.h"

#include "reference/sockets.h"

static void make_nonblocking(const fd_set *set)
{
    const SOCKET *handles = set != NULL ? set->fd_array : NULL;

    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        struct socket *socket;
        if (sockets_acquire(handles[i], &socket) == 0) {
            socket->traits.nonblocking = true;
            sockets_release(socket);
        }
    }
}

/* As if all sockets had been made non-blocking for the wait, and only those of the first set been
 * put back on the way out of a cancelled one. */
static int WSPAPI select_and_forget(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                    const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        make_nonblocking(to_write);
        make_nonblocking(to_except);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_forget;
}

const struct flaw flaw = {
    .requirement = "SELECT-02",
    .what = "a cancelled WSPSelect leaves the sockets of its second and third set non-blocking",
    .caught_by = "select/sockets_still_work/exceptions_* select/sockets_still_work/two_sets_ipv4 "
                 "select/unwritable_stream_still_works/*",
    .change_table = change_table,
};
