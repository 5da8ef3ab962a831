#include "flawed/support/layer.h"

static SOCKET interrupted = INVALID_SOCKET;

static SOCKET WSPAPI accept_once(SOCKET listener, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        interrupted = listener;
    }
    return accepted;
}

static int WSPAPI listen_again(SOCKET s, int backlog, LPINT error)
{
    if (s == interrupted) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
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
    .what = "WSPListen fails on a listener on which an accept was cancelled",
    .caught_by = "accept/what_was_legal_is_legal/*",
    .change_table = change_table,
};
