#include "flawed/support/made.h"

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        end_connections_but(s);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    note_connections(table);
    table->lpWSPAccept = accept_one;
}

const struct flaw flaw = {
    .requirement = "PCS-05",
    .what = "a cancelled WSPAccept ends the connections that the process has made",
    .caught_by = "cancel/spares_all_other_sockets/accept_ipv4",
    .change_table = change_table,
};
