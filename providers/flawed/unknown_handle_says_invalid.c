#include "flawed/support/layer.h"

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    int returned = reference.lpWSPSetSockOpt(s, level, option, value, size, error);

    if (returned != 0 && *error == WSAENOTSOCK) {
        *error = WSAEINVAL;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSetSockOpt = set_option;
}

const struct flaw flaw = {
    .requirement = "UPC-02",
    .what = "WSPSetSockOpt fails with WSAEINVAL for a handle that ws2_32 does not know",
    .caught_by = "upcall/unknown_handle_is_no_socket/*",
    .change_table = change_table,
};
