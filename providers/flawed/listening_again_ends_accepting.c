#include "flawed/support/layer.h"

static SOCKET interrupted = INVALID_SOCKET;
static SOCKET deaf = INVALID_SOCKET;

static SOCKET WSPAPI accept_once(SOCKET listener, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted;

    if (listener == deaf) {
        *error = WSAEINVAL;
        return INVALID_SOCKET;
    }
    accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);
    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        interrupted = listener;
    }
    return accepted;
}

static int WSPAPI listen_again(SOCKET s, int backlog, LPINT error)
{
    if (s == interrupted) {
        deaf = s;
    }
    return reference.lpWSPListen(s, backlog, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_once;
    table->lpWSPListen = listen_again;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-11",
    .what = "a listener that listens again after a cancelled accept gives no more connections",
    .caught_by = "accept/what_was_legal_is_legal/ipv4",
    .change_table = change_table,
};
