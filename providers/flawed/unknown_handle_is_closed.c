#include "flawed/support/layer.h"

static int WSPAPI close_anything(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);

    return returned != 0 && *error == WSAENOTSOCK ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_anything;
}

const struct flaw flaw = {
    .requirement = "UPC-02",
    .what = "WSPCloseSocket returns 0 for a handle that ws2_32 does not know",
    .caught_by = "upcall/unknown_handle_is_no_socket/stream_ipv4",
    .change_table = change_table,
};
