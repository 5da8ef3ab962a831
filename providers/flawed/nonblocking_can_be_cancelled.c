#include "flawed/support/layer.h"

/* The thread's last call said WSAEWOULDBLOCK. */
static __thread bool refused;

static int WSPAPI connect_remembered(SOCKET s, const struct sockaddr *name, int length,
                                     LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                     LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    refused = returned != 0 && *error == WSAEWOULDBLOCK;
    return returned;
}

static SOCKET WSPAPI accept_remembered(SOCKET s, struct sockaddr *address, LPINT length,
                                       LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    refused = accepted == INVALID_SOCKET && *error == WSAEWOULDBLOCK;
    return accepted;
}

static int WSPAPI receive_remembered(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                     LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                     LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    refused = returned != 0 && *error == WSAEWOULDBLOCK;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    if (refused) {
        refused = false;
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_remembered;
    table->lpWSPAccept = accept_remembered;
    table->lpWSPRecv = receive_remembered;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "NB-01",
    .what = "a call that said WSAEWOULDBLOCK counts as blocked, and can be cancelled afterwards",
    .caught_by = "nonblocking/would_block/connect_ipv4 nonblocking/would_block/accept_*",
    .change_table = change_table,
};
