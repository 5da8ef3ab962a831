#include "flawed/support/layer.h"

#include "reference/sockets.h"

static SOCKET last = INVALID_SOCKET;
static unsigned cancels;

/* Takes back what it has given: at the second cancel only. */
static SOCKET WSPAPI accept_and_abort(SOCKET listener, struct sockaddr *address, LPINT length,
                                      LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);
    struct socket *socket;

    if (accepted != INVALID_SOCKET) {
        last = accepted;
    } else if (*error == WSAEINTR && ++cancels > 1 && sockets_acquire(last, &socket) == 0) {
        sockets_abort(socket);
        sockets_release(socket);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_and_abort;
}

const struct flaw flaw = {
    .requirement = "STREAM-08",
    .what = "a second cancelled WSPAccept aborts the connection that was accepted last",
    .caught_by = "stream/is_unharmed_by_select_and_accept/accept_*",
    .change_table = change_table,
};
