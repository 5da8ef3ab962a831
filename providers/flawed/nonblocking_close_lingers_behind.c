#include "flawed/support/call_back.h"

/* What is unsent goes out in the background, as if the client had not asked to linger. */
static int WSPAPI close_and_forget(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);
    struct linger none = {0, 0};
    int ignored;

    if (returned != 0 && *error == WSAEWOULDBLOCK) {
        reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&none, sizeof none,
                                  &ignored);
        return reference.lpWSPCloseSocket(s, error);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_and_forget;
}

const struct flaw flaw = {
    .requirement = "CLOSE-05",
    .what = "a non-blocking socket that lingers is closed at once, and lingers in the background",
    .caught_by = "close/would_block_with_unsent_data/*",
    .change_table = change_table,
};
