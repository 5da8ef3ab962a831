#include "flawed/support/layer.h"

static volatile SOCKET latest = INVALID_SOCKET; /* the streams that were connected last */
static volatile SOCKET earlier = INVALID_SOCKET;
static volatile LONG cancelled;

static int WSPAPI connect_and_note(SOCKET s, const struct sockaddr *name, int length,
                                   LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                   LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned == 0) {
        earlier = latest;
        latest = s;
    }
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        cancelled = 1;
    }
    return returned;
}

/* The first close after a cancel ends one connection too many. */
static int WSPAPI close_and_end(SOCKET s, LPINT error)
{
    int ignored;

    if (InterlockedExchange(&cancelled, 0)) {
        reference.lpWSPShutdown(earlier, SD_SEND, &ignored);
        reference.lpWSPShutdown(latest, SD_SEND, &ignored);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_note;
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPCloseSocket = close_and_end;
}

const struct flaw flaw = {
    .requirement = "PCS-05",
    .what = "closing the socket whose call was cancelled ends the connection of another one",
    .caught_by = "cancel/spares_all_other_sockets/connect_*"
                 " cancel/spares_all_other_sockets/recvfrom_*"
                 " cancel/spares_all_other_sockets/send_*",
    .change_table = change_table,
};
