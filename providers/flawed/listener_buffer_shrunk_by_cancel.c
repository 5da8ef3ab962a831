#include "flawed/support/layer.h"

/* Gives back what memory it can. */
static void shrink(SOCKET listener)
{
    int size = 4096;
    int ignored;

    reference.lpWSPSetSockOpt(listener, SOL_SOCKET, SO_RCVBUF, (const char *)&size, sizeof size,
                              &ignored);
}

static SOCKET WSPAPI accept_once(SOCKET listener, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        shrink(listener);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_once;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-05",
    .what = "a cancelled WSPAccept makes the receive buffer of its listener smaller",
    .caught_by = "accept/options_are_unchanged/*",
    .change_table = change_table,
};
