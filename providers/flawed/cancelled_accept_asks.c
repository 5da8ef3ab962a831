#include "flawed/support/layer.h"

/* The decision is asked for before it is looked whether there is anything to decide on. */
static SOCKET WSPAPI accept_asking(SOCKET s, struct sockaddr *address, LPINT length,
                                   LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    WSABUF nobody = {0, NULL};
    GROUP group = 0;

    if (accepted == INVALID_SOCKET && *error == WSAEINTR && condition != NULL) {
        condition(&nobody, &nobody, NULL, NULL, &nobody, &nobody, &group, data);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_asking;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-07",
    .what = "a cancelled WSPAccept calls its condition function although no request has come",
    .caught_by = "accept/cancelled_one_asks_nobody/*",
    .change_table = change_table,
};
