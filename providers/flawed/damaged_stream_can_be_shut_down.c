#include "flawed/support/layer.h"

/* What has ended has been shut down, it thinks. */
static int WSPAPI shut_down(SOCKET s, int how, LPINT error)
{
    int returned = reference.lpWSPShutdown(s, how, error);

    return returned == SOCKET_ERROR && *error == WSAECONNABORTED ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPShutdown = shut_down;
}

const struct flaw flaw = {
    .requirement = "STREAM-03",
    .what = "WSPShutdown returns 0 on a stream that a cancel has damaged",
    .caught_by = "stream/damaged_one_refuses_calls/send_*",
    .change_table = change_table,
};
