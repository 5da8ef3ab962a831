#include "flawed/support/nested.h"

/* The socket on which this thread is blocked. */
static __thread SOCKET busy = INVALID_SOCKET;

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET before = busy;
    SOCKET accepted;

    busy = s;
    accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    busy = before;
    return accepted;
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    if (is_in_callback() && to_read != NULL && to_read->fd_count == 1 &&
        to_read->fd_array[0] == busy) {
        return 1;
    }
    return reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "REENT-01",
    .what = "WSPSelect in the blocking callback of a WSPAccept says of that listener that a "
            "connection is there",
    .caught_by = "nested/socket_of_the_blocked_call/accept_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
