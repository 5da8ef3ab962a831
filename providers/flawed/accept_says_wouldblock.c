#include "flawed/support/layer.h"

static SOCKET WSPAPI accept_with_another_error(SOCKET listener, struct sockaddr *address,
                                               LPINT length, LPCONDITIONPROC condition,
                                               DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        *error = WSAEWOULDBLOCK;
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_with_another_error;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-01",
    .what = "a cancelled WSPAccept fails with WSAEWOULDBLOCK",
    .caught_by = "accept/cancelled_one_makes_no_handle/ipv4 race/cancel_as_it_completes/accept_*",
    .change_table = change_table,
};
