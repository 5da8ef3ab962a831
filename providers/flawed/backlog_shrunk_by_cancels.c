#include "flawed/support/layer.h"

enum { ROOM = 50 };

static int cancels;

/* As if cancelled accepts kept their places in the listener's queue. */
static SOCKET WSPAPI accept_and_shrink(SOCKET listener, struct sockaddr *address, LPINT length,
                                       LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);
    int ignored;

    if (accepted == INVALID_SOCKET && *error == WSAEINTR && ++cancels == ROOM) {
        reference.lpWSPListen(listener, 1, &ignored);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_and_shrink;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-08",
    .what = "after many cancels a listener takes fewer connections into its backlog",
    .caught_by = "accept/survives_many_cancels/*",
    .change_table = change_table,
};
