#include "flawed/support/call_back.h"

enum { LONGEST_MS = 1000 };

/* Until the connect has come to an end, there is no name to tell. */
static int WSPAPI get_peer_name(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    if (reference.lpWSPGetPeerName(s, name, length, error) == 0) {
        return 0;
    }
    wait_until_sent(s, LONGEST_MS);
    return reference.lpWSPGetPeerName(s, name, length, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPGetPeerName = get_peer_name;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-03",
    .what = "WSPGetPeerName waits up to a second for a connect that is under way",
    .caught_by = "nonblocking/bind_and_questions_never_wait/pending_connect_*",
    .change_table = change_table,
};
