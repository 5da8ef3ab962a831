#include "flawed/support/call_back.h"

/* Data that is still to go out is worth a callback, whatever the linger setting. */
static int WSPAPI close_telling(SOCKET s, LPINT error)
{
    if (has_unsent_data(s)) {
        call_back_once();
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_telling;
}

const struct flaw flaw = {
    .requirement = "CLOSE-04",
    .what = "WSPCloseSocket calls the blocking callback if there is unsent data",
    .caught_by = "close/calls_back_only_to_linger/default_*"
                 " close/calls_back_only_to_linger/linger_off_ipv4"
                 " close/calls_back_only_to_linger/linger_zero_ipv*"
                 " close/calls_back_only_to_linger/lingering_nonblocking_ipv4",
    .change_table = change_table,
    .start = start_to_call_back,
};
