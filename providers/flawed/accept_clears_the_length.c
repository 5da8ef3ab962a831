#include "flawed/support/layer.h"

static SOCKET WSPAPI accept_once(SOCKET listener, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        if (length != NULL) {
            *length = 0;
        }
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_once;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-06",
    .what = "a cancelled WSPAccept says that the address has no length",
    .caught_by = "accept/address_is_left_alone/ipv4",
    .change_table = change_table,
};
