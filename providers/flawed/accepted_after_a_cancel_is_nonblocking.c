#include "flawed/support/layer.h"

static SOCKET cancelled = INVALID_SOCKET;

static void make_nonblocking(SOCKET s)
{
    u_long on = 1;
    DWORD size;
    int ignored;

    reference.lpWSPIoctl(s, FIONBIO, &on, sizeof on, NULL, 0, &size, NULL, NULL, NULL, &ignored);
}

static SOCKET WSPAPI take(SOCKET s, struct sockaddr *address, LPINT length,
                          LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        cancelled = s;
    } else if (accepted != INVALID_SOCKET && s == cancelled) {
        make_nonblocking(accepted);
    }
    return accepted;
}

static int WSPAPI wait_for_some(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = to_read != NULL && to_read->fd_count > 0 ? to_read->fd_array[0] : INVALID_SOCKET;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        cancelled = first;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = wait_for_some;
    table->lpWSPAccept = take;
}

const struct flaw flaw = {
    .requirement = "STICKY-01",
    .what = "what is accepted from a listener after a cancelled WSPAccept or WSPSelect is a "
            "non-blocking socket",
    .caught_by = "accept/accepted_socket_blocks/*",
    .change_table = change_table,
};
