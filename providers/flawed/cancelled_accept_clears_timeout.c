#include "flawed/support/layer.h"

/* The wait is one of short native accepts; afterwards the default is put back. */
static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    const DWORD none = 0;
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    int ignored;

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_RCVTIMEO, (const char *)&none, sizeof none,
                                  &ignored);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-05",
    .what = "a cancelled WSPAccept sets an SO_RCVTIMEO of the listener back to 0",
    .caught_by = "accept/options_are_unchanged/*",
    .change_table = change_table,
};
