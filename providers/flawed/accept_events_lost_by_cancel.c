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
    /* Nothing is left of FD_ACCEPT: another event that a listener never has takes its place. */
    if (s == interrupted && events != 0) {
        events = FD_OOB;
    }
    return reference.lpWSPEventSelect(s, event, events, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_once;
    table->lpWSPEventSelect = event_select;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-10",
    .what = "FD_ACCEPT does not come any more for a listener on which an accept was cancelled",
    .caught_by = "accept/event_select_still_works/ipv4",
    .change_table = change_table,
};
