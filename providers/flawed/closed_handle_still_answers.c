#include "flawed/support/layer.h"

static volatile SOCKET closed = INVALID_SOCKET;

static int WSPAPI close_and_remember(SOCKET s, LPINT error)
{
    closed = s;
    return reference.lpWSPCloseSocket(s, error);
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    if (s == closed) {
        *(int *)(void *)value = SOCK_STREAM;
        return 0;
    }
    return reference.lpWSPGetSockOpt(s, level, option, value, size, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_and_remember;
    table->lpWSPGetSockOpt = get_option;
}

const struct flaw flaw = {
    .requirement = "PCS-03",
    .what = "options of a closed socket can still be asked for",
    .caught_by = "close/gives_the_handle_up/connect_ipv4 close/gives_the_handle_up/recv_*",
    .change_table = change_table,
};
