#include "flawed/support/call_back.h"

/* What still arrives is looked for once, and the client is told that this may take a while. */
static int WSPAPI shut_down(SOCKET s, int how, LPINT error)
{
    call_back_once();
    return reference.lpWSPShutdown(s, how, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPShutdown = shut_down;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-01",
    .what = "WSPShutdown calls the blocking callback",
    .caught_by = "nonblocking/shutdown_never_waits/*",
    .change_table = change_table,
    .start = start_to_call_back,
};
