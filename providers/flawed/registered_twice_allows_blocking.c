#include "flawed/support/layer.h"

/* The socket registered last, and how often since it was last withdrawn. */
static volatile SOCKET registered = INVALID_SOCKET;
static volatile unsigned times;

static void note(SOCKET s, long events)
{
    times = s == registered && events != 0 ? times + 1 : 1;
    registered = events != 0 ? s : INVALID_SOCKET;
}

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    int returned = reference.lpWSPEventSelect(s, event, events, error);

    if (returned == 0) {
        note(s, events);
    }
    return returned;
}

static int WSPAPI async_select(SOCKET s, HWND window, unsigned int message, long events,
                               LPINT error)
{
    int returned = reference.lpWSPAsyncSelect(s, window, message, events, error);

    if (returned == 0) {
        note(s, events);
    }
    return returned;
}

/* The mark of the registration is toggled, not set. */
static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD bytes, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, bytes, overlapped,
                                        routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINVAL && code == (DWORD)FIONBIO &&
        s == registered && times % 2 == 0) {
        return 0;
    }
    return returned;
}

/* The value of the handle may be used again, for another socket. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    if (s == registered) {
        registered = INVALID_SOCKET;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = event_select;
    table->lpWSPAsyncSelect = async_select;
    table->lpWSPIoctl = control;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "NB-03",
    .what = "FIONBIO with 0 succeeds on a socket that was registered for events a second time",
    .caught_by = "nonblocking/no_way_back_under_events/*_again_*",
    .change_table = change_table,
};
