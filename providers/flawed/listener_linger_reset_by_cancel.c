#include "flawed/support/layer.h"

/* Puts the linger setting of the listener back to what it is by default. */
static void forget_linger(SOCKET listener)
{
    struct linger none = {0, 0};
    int ignored;

    reference.lpWSPSetSockOpt(listener, SOL_SOCKET, SO_LINGER, (const char *)&none, sizeof none,
                              &ignored);
}

static SOCKET WSPAPI accept_once(SOCKET listener, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        forget_linger(listener);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_once;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-05",
    .what = "a cancelled WSPAccept sets the linger option of its listener back to the default",
    .caught_by = "accept/options_are_unchanged/ipv4",
    .change_table = change_table,
};
