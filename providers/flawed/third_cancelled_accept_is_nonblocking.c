#include "flawed/support/layer.h"

enum { TOO_MANY = 3 };

static SOCKET listener = INVALID_SOCKET;
static int cancelled_accepts;

static void leave_in_poll_mode(SOCKET s)
{
    u_long on = 1;
    DWORD returned;
    int ignored;

    reference.lpWSPIoctl(s, FIONBIO, &on, sizeof on, NULL, 0, &returned, NULL, NULL, NULL,
                         &ignored);
}

static SOCKET WSPAPI accept_and_count(SOCKET s, struct sockaddr *address, LPINT length,
                                      LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (s != listener) {
        listener = s;
        cancelled_accepts = 0;
    }
    if (accepted == INVALID_SOCKET && *error == WSAEINTR && ++cancelled_accepts == TOO_MANY) {
        leave_in_poll_mode(s);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_and_count;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-08",
    .what = "the third cancelled WSPAccept on a listener leaves it nonblocking",
    .caught_by = "accept/survives_many_cancels/ipv4",
    .change_table = change_table,
};
