#include "flawed/support/readable.h"

/* A WSPAccept of this thread completed in spite of its cancel, which looks for another call. */
static __thread bool left;

static SOCKET WSPAPI accept_all_the_same(SOCKET s, struct sockaddr *address, LPINT length,
                                         LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR && is_readable(s)) {
        accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
        left = accepted != INVALID_SOCKET;
    }
    return accepted;
}

static int WSPAPI select_once(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                              const PTIMEVAL timeout, LPINT error)
{
    if (left && timeout == NULL) {
        left = false;
        *error = WSAEINTR;
        return SOCKET_ERROR;
    }
    return reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_all_the_same;
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "STICKY-04",
    .what =
        "the cancel of a WSPAccept that completed all the same ends the thread's next WSPSelect",
    .caught_by = "sticky/cancel_of_a_completed_call_is_spent/accept_*",
    .change_table = change_table,
};
