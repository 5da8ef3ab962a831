#include "flawed/support/layer.h"

#include <string.h>

static SOCKET WSPAPI accept_once(SOCKET listener, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        if (address != NULL) {
            memset(address, 0, sizeof *address);
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
    .what = "a cancelled WSPAccept clears the address it was given room for",
    .caught_by = "accept/address_is_left_alone/*",
    .change_table = change_table,
};
