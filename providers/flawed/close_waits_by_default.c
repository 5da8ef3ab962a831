#include "flawed/support/call_back.h"

/* A moment for the data under way, whether the client asked to linger or not. */
static int WSPAPI close_after_a_moment(SOCKET s, LPINT error)
{
    call_back_once();
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_after_a_moment;
}

const struct flaw flaw = {
    .requirement = "BHK-09",
    .what = "WSPCloseSocket calls the blocking callback even without linger",
    .caught_by = "callback/is_not_called_by_what_cannot_block/fresh_stream_*"
                 " callback/is_not_called_by_what_cannot_block/connection_ipv4"
                 " callback/is_not_called_by_what_cannot_block/datagram_ipv6",
    .change_table = change_table,
    .start = start_to_call_back,
};
