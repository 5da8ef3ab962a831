#include "flawed/support/layer.h"

#include "reference/sockets.h"

#include <string.h>

/* The look at the exceptions takes what it looks at. */
static int WSPAPI select_some(int nfds, fd_set *reads, fd_set *writes, fd_set *excepts,
                              const PTIMEVAL timeout, LPINT error)
{
    fd_set looked = {.fd_count = 0};
    int returned;

    if (excepts != NULL && excepts->fd_count <= FD_SETSIZE) {
        looked.fd_count = excepts->fd_count;
        memcpy(looked.fd_array, excepts->fd_array, excepts->fd_count * sizeof(SOCKET));
    }
    returned = reference.lpWSPSelect(nfds, reads, writes, excepts, timeout, error);
    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        for (u_int i = 0; i < looked.fd_count; i++) {
            struct socket *socket;
            char byte;
            if (sockets_use(looked.fd_array[i], &socket) == 0) {
                recv(socket->native, &byte, 1, MSG_OOB);
                sockets_done(socket);
            }
        }
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_some;
}

const struct flaw flaw = {
    .requirement = "RACE-06",
    .what = "a WSPSelect for exceptions that is cancelled when out-of-band data has come throws "
            "that away",
    .caught_by = "select/urgent_data_is_told/arriving_after_the_cancel_ipv4",
    .change_table = change_table,
};
