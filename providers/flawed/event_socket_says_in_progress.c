#include "flawed/support/layer.h"

/* The socket that was registered last: the event has not come yet, so it is still in progress. */
static SOCKET registered = INVALID_SOCKET;

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    int returned = reference.lpWSPEventSelect(s, event, events, error);

    if (returned == 0) {
        registered = events != 0 ? s : INVALID_SOCKET;
    }
    return returned;
}

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEWOULDBLOCK && s == registered) {
        *error = WSAEINPROGRESS;
    }
    return accepted;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEWOULDBLOCK && s == registered) {
        *error = WSAEINPROGRESS;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = event_select;
    table->lpWSPAccept = accept_one;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "NB-01",
    .what = "WSPAccept and WSPRecv that would have to wait say WSAEINPROGRESS on a socket under "
            "WSPEventSelect",
    .caught_by = "nonblocking/would_block/accept_by_event_select_ipv4 "
                 "nonblocking/would_block/recv_by_event_select_ipv4",
    .change_table = change_table,
};
