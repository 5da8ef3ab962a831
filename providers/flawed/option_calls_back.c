#include "flawed/support/call_back.h"

/* Every entry begins in the same way, whether it can block or not. */
static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT length,
                             LPINT error)
{
    call_back_once();
    return reference.lpWSPGetSockOpt(s, level, option, value, length, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPGetSockOpt = get_option;
}

const struct flaw flaw = {
    .requirement = "BHK-09",
    .what = "WSPGetSockOpt calls the blocking callback",
    .caught_by = "callback/is_not_called_by_what_cannot_block/fresh_stream_ipv4"
                 " callback/is_not_called_by_what_cannot_block/datagram_ipv4"
                 " callback/is_not_called_by_what_cannot_block/connection_ipv6",
    .change_table = change_table,
    .start = start_to_call_back,
};
