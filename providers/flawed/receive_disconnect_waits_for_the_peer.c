#include "flawed/support/call_back.h"

/* The peer might send disconnect data. */
static int WSPAPI receive_disconnect(SOCKET s, LPWSABUF data, LPINT error)
{
    fd_set readable = {.fd_count = 1, .fd_array = {s}};
    struct timeval a_moment = {.tv_sec = 0, .tv_usec = 50000};
    int ignored;

    reference.lpWSPSelect(0, &readable, NULL, NULL, &a_moment, &ignored);
    return reference.lpWSPRecvDisconnect(s, data, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvDisconnect = receive_disconnect;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-02",
    .what = "WSPRecvDisconnect waits a moment for data of the peer, with callbacks",
    .caught_by = "nonblocking/disconnect_never_waits/receive_*",
    .change_table = change_table,
};
