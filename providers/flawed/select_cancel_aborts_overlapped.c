#include "flawed/support/layer.h"

#include "reference/sockets.h"

/* The pending operations of each socket, whoever began them. */
static void call_off(const fd_set *set)
{
    struct socket *socket;

    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        if (sockets_use(set->fd_array[i], &socket) == 0) {
            CancelIoEx((HANDLE)socket->native, NULL);
            sockets_done(socket);
        }
    }
}

static int WSPAPI select_and_call_off(int count, fd_set *to_read, fd_set *to_write,
                                      fd_set *to_except, const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        call_off(to_read);
        call_off(to_write);
        call_off(to_except);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_call_off;
}

const struct flaw flaw = {
    .requirement = "OVL-02",
    .what = "a cancelled WSPSelect calls off the overlapped operations of its sockets",
    .caught_by = "overlapped/survives_a_cancelled_select/*",
    .change_table = change_table,
};
