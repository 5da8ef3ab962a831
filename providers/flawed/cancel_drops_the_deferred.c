#include "flawed/support/layer.h"

/* The listener with a request that was put off, if any. */
static SOCKET deferring = INVALID_SOCKET;

static SOCKET WSPAPI accept_noting(SOCKET s, struct sockaddr *address, LPINT length,
                                   LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSATRY_AGAIN) {
        deferring = s;
    }
    return accepted;
}

/* A request that is put off is taken for one of the calls that are under way. */
static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);
    int ignored;

    if (returned == 0 && deferring != INVALID_SOCKET) {
        SOCKET dropped = reference.lpWSPAccept(deferring, NULL, NULL, NULL, 0, &ignored);
        reference.lpWSPCloseSocket(dropped, &ignored);
        deferring = INVALID_SOCKET;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_noting;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-07",
    .what = "a cancel drops a request that was put off with CF_DEFER",
    .caught_by = "accept/deferred_request_stays/*",
    .change_table = change_table,
};
