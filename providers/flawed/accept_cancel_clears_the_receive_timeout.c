#include "flawed/support/layer.h"

/* As if the waiting had been done by a short time limit on the listener, which is not put back. */
static SOCKET WSPAPI accept_and_clear(SOCKET s, struct sockaddr *address, LPINT length,
                                      LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        const DWORD none = 0;
        int ignored;
        reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&none, sizeof none,
                                  &ignored);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_and_clear;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-05",
    .what = "a cancelled WSPAccept leaves its listener without the SO_RCVTIMEO that the client set",
    .caught_by = "accept/options_are_unchanged/*",
    .change_table = change_table,
};
