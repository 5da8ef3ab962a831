#include "flawed/support/layer.h"
#include "flawed/support/readable.h"

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR && condition != NULL && is_readable(s)) {
        const struct linger hard = {1, 0};
        int ignored;
        SOCKET taken = reference.lpWSPAccept(s, NULL, NULL, NULL, 0, &ignored);
        reference.lpWSPSetSockOpt(taken, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard,
                                  &ignored);
        reference.lpWSPCloseSocket(taken, &ignored);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-13",
    .what = "a cancelled WSPAccept with a condition function resets the connection that waits",
    .caught_by = "accept/waiting_peers_are_not_reset/asking_ipv4",
    .change_table = change_table,
};
