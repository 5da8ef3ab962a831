#include "flawed/support/call_back.h"

enum { TURNS = 3 };

/* As if the linger option were for this call, too. */
static int WSPAPI shut_down(SOCKET s, int how, LPINT error)
{
    for (int turn = 0; how != SD_RECEIVE && turn < TURNS && has_unsent_data(s); turn++) {
        call_back_once();
    }
    return reference.lpWSPShutdown(s, how, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPShutdown = shut_down;
}

const struct flaw flaw = {
    .requirement = "BHK-09",
    .what = "WSPShutdown waits for a while, with callbacks, if there is unsent data",
    .caught_by = "callback/is_not_called_by_what_cannot_block/full_connection_*"
                 " nonblocking/shutdown_never_waits/send_[!b]*",
    .change_table = change_table,
    .start = start_to_call_back,
};
