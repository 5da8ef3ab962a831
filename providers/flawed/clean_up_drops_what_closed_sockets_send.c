#include "flawed/support/layer.h"

/* Sending is left to the socket, which stays until the last clean-up resets it. */
static int WSPAPI close_later(SOCKET s, LPINT error)
{
    struct sockaddr_storage peer;
    int length = sizeof peer;

    if (reference.lpWSPGetPeerName(s, (struct sockaddr *)&peer, &length, error) != 0) {
        return reference.lpWSPCloseSocket(s, error);
    }
    return reference.lpWSPShutdown(s, SD_SEND, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_later;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-07",
    .what = "the last WSPCleanup drops what sockets that were closed before have still to send",
    .caught_by = "startup/closed_sockets_still_send/*",
    .change_table = change_table,
};
