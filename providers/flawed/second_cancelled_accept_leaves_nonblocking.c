#include "flawed/support/layer.h"

static volatile SOCKET interrupted = INVALID_SOCKET;

static void make_nonblocking(SOCKET s)
{
    u_long on = 1;
    DWORD returned;
    int ignored;

    reference.lpWSPIoctl(s, (DWORD)FIONBIO, &on, sizeof on, NULL, 0, &returned, NULL, NULL, NULL,
                         &ignored);
}

/* The mode is saved at every cancel, but put back by the first only. */
static SOCKET WSPAPI accept_one(SOCKET listener, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        if (interrupted == listener) {
            make_nonblocking(listener);
        }
        interrupted = listener;
    }
    return accepted;
}

/* The value of the handle may be used again, for another socket. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    if (s == interrupted) {
        interrupted = INVALID_SOCKET;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-05",
    .what = "the second cancelled WSPAccept on a listener leaves it in non-blocking mode",
    .caught_by = "accept/options_are_unchanged/*",
    .change_table = change_table,
};
