#include "flawed/support/layer.h"

/* The thread has a connect under way on a non-blocking socket. */
static __thread bool pending;

static int WSPAPI connect_remembered(SOCKET s, const struct sockaddr *name, int length,
                                     LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                     LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    pending = returned != 0 && *error == WSAEWOULDBLOCK;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return pending ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_remembered;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-11",
    .what = "a connect under way on a non-blocking socket counts as a blocking call",
    .caught_by = "nonblocking/pending_is_no_blocking_call/connect_ipv4",
    .change_table = change_table,
};
