#include "flawed/support/layer.h"
#include "flawed/support/readable.h"

static bool takes_datagrams(SOCKET s)
{
    int type = 0;
    int size = sizeof type;
    int ignored;

    return reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size, &ignored) == 0 &&
           type == SOCK_DGRAM;
}

static void drop_datagram(SOCKET s)
{
    char byte;
    WSABUF buffer = {.len = sizeof byte, .buf = &byte};
    DWORD received;
    DWORD flags = 0;
    int ignored;

    reference.lpWSPRecv(s, &buffer, 1, &received, &flags, NULL, NULL, NULL, &ignored);
}

static int WSPAPI select_drops(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                               const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && to_read != NULL) {
        for (u_int i = 0; i < to_read->fd_count; i++) {
            SOCKET s = to_read->fd_array[i];
            if (takes_datagrams(s) && is_readable(s)) {
                drop_datagram(s);
            }
        }
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_drops;
}

const struct flaw flaw = {
    .requirement = "SELECT-03",
    .what = "a cancelled WSPSelect throws away a datagram that has arrived meanwhile",
    .caught_by = "select/arriving_datagram_is_kept/[ab]*",
    .change_table = change_table,
};
