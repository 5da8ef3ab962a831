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

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    if (s == interrupted) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPEventSelect(s, event, events, error);
}

static int WSPAPI async_select(SOCKET s, HWND window, unsigned int message, long events,
                               LPINT error)
{
    if (s == interrupted) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPAsyncSelect(s, window, message, events, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_once;
    table->lpWSPEventSelect = event_select;
    table->lpWSPAsyncSelect = async_select;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-10",
    .what = "a listener on which an accept was cancelled cannot be put under events any more",
    .caught_by = "accept/event_select_still_works/*",
    .change_table = change_table,
};
