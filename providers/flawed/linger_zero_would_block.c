#include "flawed/support/call_back.h"
#include "flawed/support/nonblocking.h"

static int WSPAPI close_later(SOCKET s, LPINT error)
{
    if (linger_of(s).l_onoff != 0 && is_nonblocking(s) && has_unsent_data(s)) {
        *error = WSAEWOULDBLOCK;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    watch_nonblocking(table);
    table->lpWSPCloseSocket = close_later;
}

const struct flaw flaw = {
    .requirement = "LINGER-02",
    .what = "a non-blocking socket with unsent data cannot be closed with a linger time of zero",
    .caught_by = "linger/zero_closes_at_once/nonblocking_*",
    .change_table = change_table,
};
