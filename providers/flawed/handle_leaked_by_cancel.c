#include "flawed/support/layer.h"

static SOCKET WSPAPI accept_with_a_socket_ready(SOCKET listener, struct sockaddr *address,
                                                LPINT length, LPCONDITIONPROC condition,
                                                DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);
    int ignored;

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        reference.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, 0, &ignored);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_with_a_socket_ready;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-01",
    .what = "a cancelled WSPAccept never closes the socket it had ready for the connection",
    .caught_by = "accept/cancelled_one_makes_no_handle/*",
    .change_table = change_table,
};
