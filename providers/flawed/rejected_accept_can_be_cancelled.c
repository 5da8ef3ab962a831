#include "flawed/support/layer.h"

/* The condition function turned down whom the thread's last accept had waited for. */
static __thread bool rejected;

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    rejected = accepted == INVALID_SOCKET && condition != NULL && *error == WSAECONNREFUSED;
    return accepted;
}

static int WSPAPI cancel(LPINT error)
{
    return rejected ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-10",
    .what = "a WSPAccept whose condition function said CF_REJECT can still be cancelled once it "
            "has returned",
    .caught_by = "cancel/idle_after_a_failed_call/accept_is_rejected_ipv4",
    .change_table = change_table,
};
