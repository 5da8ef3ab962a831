#include "flawed/support/call_back.h"
#include "flawed/support/kinds.h"

/* Every connect calls back before it looks. */
static int WSPAPI connect_to(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                             LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    if (!is_stream(s)) {
        call_back_once();
    }
    return reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_to;
}

const struct flaw flaw = {
    .requirement = "BHK-09",
    .what = "WSPConnect on a datagram socket, which has nothing to wait for, calls the blocking "
            "callback",
    .caught_by = "callback/is_not_called_by_what_cannot_block/datagram_ipv4",
    .start = start_to_call_back,
    .change_table = change_table,
};
