#include "flawed/support/layer.h"

static SOCKET registered = INVALID_SOCKET;
static HWND told;
static unsigned int with;

static int WSPAPI async_select(SOCKET s, HWND window, unsigned int message, long events,
                               LPINT error)
{
    int returned = reference.lpWSPAsyncSelect(s, window, message, events, error);

    if (returned == 0 && events != 0) {
        registered = s;
        told = window;
        with = message;
    }
    return returned;
}

/* The window is told that something has changed, whatever it was. */
static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && registered != INVALID_SOCKET) {
        client.lpWPUPostMessage(told, with, registered, WSAMAKESELECTREPLY(FD_CLOSE, WSAEINTR));
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAsyncSelect = async_select;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "NB-05",
    .what = "a cancel posts the message of a socket registered with WSPAsyncSelect",
    .caught_by = "nonblocking/cancel_is_no_event/*_beside_messages_ipv4",
    .change_table = change_table,
};
