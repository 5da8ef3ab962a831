#include "flawed/support/layer.h"

static SOCKET WSPAPI accept_once(SOCKET listener, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);
    u_long on = 1;
    DWORD returned;
    int ignored;

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        reference.lpWSPIoctl(listener, (DWORD)FIONBIO, &on, sizeof on, NULL, 0, &returned, NULL,
                             NULL, NULL, &ignored);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_once;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-08",
    .what = "a cancelled WSPAccept leaves its listener non-blocking",
    .caught_by = "accept/survives_many_cancels/ipv4",
    .change_table = change_table,
};
