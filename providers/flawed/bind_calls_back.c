#include "flawed/support/call_back.h"

/* The address might have to be asked for on the network. */
static int WSPAPI bind_address(SOCKET s, const struct sockaddr *name, int length, LPINT error)
{
    call_back_once();
    return reference.lpWSPBind(s, name, length, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPBind = bind_address;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-03",
    .what = "WSPBind calls the blocking callback",
    .caught_by = "nonblocking/bind_and_questions_never_wait/fresh_*"
                 " callback/is_not_called_by_what_cannot_block/fresh_stream_*",
    .change_table = change_table,
    .start = start_to_call_back,
};
