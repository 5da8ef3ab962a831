#include "flawed/support/nested.h"

/* It is to be made once the outer call is over, which nobody remembers then. */
static int WSPAPI connect_later(SOCKET s, const struct sockaddr *name, int length, LPWSABUF in,
                                LPWSABUF out, LPQOS sqos, LPQOS gqos, LPINT error)
{
    if (is_in_callback()) {
        return 0;
    }
    return reference.lpWSPConnect(s, name, length, in, out, sqos, gqos, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_later;
}

const struct flaw flaw = {
    .requirement = "CONNECT-12",
    .what = "WSPConnect in the blocking callback returns 0 and does nothing",
    .caught_by = "nested/connect_in_the_callback/stream_*"
                 " nested/connect_in_the_callback/refused_stream_*",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
