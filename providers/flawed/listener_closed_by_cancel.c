#include "flawed/support/layer.h"

static SOCKET WSPAPI accept_and_close(SOCKET listener, struct sockaddr *address, LPINT length,
                                      LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);
    int ignored;

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        reference.lpWSPCloseSocket(listener, &ignored);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_and_close;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-02",
    .what = "a cancelled WSPAccept closes its listener",
    .caught_by = "accept/listener_still_listens/*",
    .change_table = change_table,
};
