#include "flawed/support/layer.h"

static void end(SOCKET connection)
{
    struct linger zero = {1, 0};
    int ignored;

    reference.lpWSPSetSockOpt(connection, SOL_SOCKET, SO_LINGER, (const char *)&zero, sizeof zero,
                              &ignored);
    reference.lpWSPCloseSocket(connection, &ignored);
}

static void set_mode(SOCKET listener, u_long nonblocking)
{
    DWORD returned;
    int ignored;

    reference.lpWSPIoctl(listener, (DWORD)FIONBIO, &nonblocking, sizeof nonblocking, NULL, 0,
                         &returned, NULL, NULL, NULL, &ignored);
}

/* Takes all connections out of the backlog, and ends them. */
static void clear_backlog(SOCKET listener)
{
    SOCKET waiting;
    int ignored;

    set_mode(listener, 1);
    while ((waiting = reference.lpWSPAccept(listener, NULL, NULL, NULL, 0, &ignored)) !=
           INVALID_SOCKET) {
        end(waiting);
    }
    set_mode(listener, 0);
}

static SOCKET WSPAPI accept_once(SOCKET listener, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        clear_backlog(listener);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_once;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-13",
    .what = "a cancelled WSPAccept resets the connections that wait in the backlog",
    .caught_by = "accept/waiting_peers_are_not_reset/ipv4",
    .change_table = change_table,
};
