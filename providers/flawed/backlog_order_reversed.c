#include "flawed/support/layer.h"

enum { KEPT_MAX = 16 };

static SOCKET kept[KEPT_MAX];
static int kept_count;

static void set_nonblocking(SOCKET s, u_long on)
{
    DWORD returned;
    int ignored;

    reference.lpWSPIoctl(s, (DWORD)FIONBIO, &on, sizeof on, NULL, 0, &returned, NULL, NULL, NULL,
                         &ignored);
}

/* Takes all connections out of the backlog; the last one will be the first to be given. */
static void take_all(SOCKET listener)
{
    SOCKET accepted;
    int ignored;

    set_nonblocking(listener, 1);
    while (kept_count < KEPT_MAX &&
           (accepted = reference.lpWSPAccept(listener, NULL, NULL, NULL, 0, &ignored)) !=
               INVALID_SOCKET) {
        set_nonblocking(accepted, 0);
        kept[kept_count++] = accepted;
    }
    set_nonblocking(listener, 0);
}

static SOCKET WSPAPI accept_last_first(SOCKET listener, struct sockaddr *address, LPINT length,
                                       LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted;
    int ignored;

    if (kept_count > 0) {
        accepted = kept[--kept_count];
        if (address != NULL) {
            reference.lpWSPGetPeerName(accepted, address, length, &ignored);
        }
        return accepted;
    }
    accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);
    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        take_all(listener);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_last_first;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-04",
    .what = "after a cancelled WSPAccept the backlog is given in reverse order",
    .caught_by = "accept/backlog_keeps_its_order/*",
    .change_table = change_table,
};
