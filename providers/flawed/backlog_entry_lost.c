#include "flawed/support/layer.h"

/* Takes the oldest connection out of the backlog, if there is one, and drops it. */
static void lose_a_connection(SOCKET listener)
{
    u_long on = 1;
    u_long off = 0;
    DWORD returned;
    SOCKET lost;
    int ignored;

    reference.lpWSPIoctl(listener, (DWORD)FIONBIO, &on, sizeof on, NULL, 0, &returned, NULL, NULL,
                         NULL, &ignored);
    lost = reference.lpWSPAccept(listener, NULL, NULL, NULL, 0, &ignored);
    if (lost != INVALID_SOCKET) {
        reference.lpWSPCloseSocket(lost, &ignored);
    }
    reference.lpWSPIoctl(listener, (DWORD)FIONBIO, &off, sizeof off, NULL, 0, &returned, NULL, NULL,
                         NULL, &ignored);
}

static SOCKET WSPAPI accept_and_lose(SOCKET listener, struct sockaddr *address, LPINT length,
                                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        lose_a_connection(listener);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_and_lose;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-03",
    .what = "a cancelled WSPAccept takes the connection that has come meanwhile, and drops it",
    .caught_by = "accept/connection_in_the_callback_is_kept/before_the_cancel_ipv6",
    .change_table = change_table,
};
