#include "flawed/support/layer.h"

static SOCKET cancelled = INVALID_SOCKET;

static SOCKET WSPAPI remember_accept(SOCKET listener, struct sockaddr *address, LPINT length,
                                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        cancelled = listener;
    }
    return accepted;
}

static int WSPAPI select_with_memory(int count, fd_set *read, fd_set *write, fd_set *except,
                                     const PTIMEVAL timeout, LPINT error)
{
    if (read != NULL && read->fd_count == 1 && read->fd_array[0] == cancelled) {
        return 1;
    }
    return reference.lpWSPSelect(count, read, write, except, timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = remember_accept;
    table->lpWSPSelect = select_with_memory;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-09",
    .what = "WSPSelect says that a listener is readable because an accept on it was cancelled",
    .caught_by = "accept/select_still_sees_the_backlog/*",
    .change_table = change_table,
};
