#include "flawed/support/told.h"

static __thread bool ended;

/* A wait that a routine has interrupted is taken for one that is over. */
static DWORD status(DWORD error)
{
    int ignored;

    ended = reference.lpWSPCancelBlockingCall(&ignored) == 0;
    return error;
}

/* The error of a call that failed, with `ended` for the next one. */
static void report(LPINT error)
{
    if (ended && *error == WSAEINTR) {
        *error = WSAENOBUFS;
    }
    ended = false;
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR) {
        report(error);
    }
    return returned;
}

static SOCKET WSPAPI accept_on(SOCKET s, struct sockaddr *address, LPINT length,
                               LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET) {
        report(error);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_routines(table, status);
    table->lpWSPSelect = select_on;
    table->lpWSPAccept = accept_on;
}

const struct flaw flaw = {
    .requirement = "OVL-05",
    .what = "a completion routine that runs during a WSPSelect or WSPAccept ends that call",
    .caught_by = "overlapped/apc_ends_no_blocked_call/routine_in_select_ipv4"
                 " overlapped/apc_ends_no_blocked_call/routine_in_accept_ipv4",
    .change_table = change_table,
};
