#include "flawed/support/readable.h"

/* The call completes after all; of the connections that wait it gives the last, and drops the
 * others. */
static SOCKET WSPAPI accept_last(SOCKET s, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    bool raced = accepted == INVALID_SOCKET && *error == WSAEINTR;
    int ignored;

    while (raced && is_readable(s)) {
        SOCKET next = reference.lpWSPAccept(s, address, length, condition, data, error);
        if (next == INVALID_SOCKET) {
            break;
        }
        if (accepted != INVALID_SOCKET) {
            reference.lpWSPCloseSocket(accepted, &ignored);
        }
        accepted = next;
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_last;
}

const struct flaw flaw = {
    .requirement = "RACE-03",
    .what = "a WSPAccept that completes in spite of its cancel loses all connections but the last",
    .caught_by = "race/completed_one_loses_nothing/accept_*",
    .change_table = change_table,
};
