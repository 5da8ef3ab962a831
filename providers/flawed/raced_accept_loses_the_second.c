#include "flawed/support/readable.h"

/* There is room for one connection that nobody has got yet; that of the next race is dropped. */
static volatile LONG races;

static SOCKET WSPAPI accept_and_keep(SOCKET s, struct sockaddr *address, LPINT length,
                                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR && is_readable(s) &&
        InterlockedIncrement(&races) > 1) {
        int ignored;
        SOCKET lost = reference.lpWSPAccept(s, NULL, NULL, NULL, 0, &ignored);
        if (lost != INVALID_SOCKET) {
            reference.lpWSPCloseSocket(lost, &ignored);
        }
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_and_keep;
}

const struct flaw flaw = {
    .requirement = "RACE-06",
    .what = "a WSPAccept that is cancelled just as a connection comes keeps the first of them, and "
            "drops the others",
    .caught_by = "race/interrupted_one_loses_nothing/accept_ipv4",
    .change_table = change_table,
};
