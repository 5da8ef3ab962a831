#include "flawed/support/layer.h"

/* Entered, and left before there was anything to wait for. */
static __thread bool entered;

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    entered = accepted == INVALID_SOCKET && *error == WSAEINVAL;
    return accepted;
}

static int WSPAPI cancel(LPINT error)
{
    return entered ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-10",
    .what =
        "a WSPAccept on a socket that does not listen can still be cancelled once it has failed",
    .caught_by = "cancel/idle_after_a_failed_call/accept_is_not_listening_ipv4",
    .change_table = change_table,
};
