#include "harness/drain.h"

#include "harness/expect.h"
#include "harness/thread.h"

enum {
    CHUNK = 64 << 10,
    DRAINS_MAX = 64,
    /* Only a connection that has no end keeps one that long. */
    PATIENCE_MS = 500,
};

static struct client *drains[DRAINS_MAX];
static unsigned drain_count;

static void drain(void *argument)
{
    static char sink[CHUNK];
    struct peer *peer = argument;

    while (peer_receive(peer, sink, sizeof sink) > 0) {
    }
}

void drain_begin(struct peer *peer)
{
    struct client *client = client_start("peer");

    if (drain_count == DRAINS_MAX) {
        stop_case(BROKEN("suite"), "the peers that read all that comes",
                  about("%d at most", DRAINS_MAX), "one more");
    }
    drains[drain_count++] = client;
    client_post(client, drain, peer);
}

bool drains_leave(void)
{
    bool all_left = true;

    while (drain_count > 0) {
        all_left = client_wait(drains[--drain_count], PATIENCE_MS) && all_left;
    }
    return all_left;
}
