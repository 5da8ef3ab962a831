#include "flawed/support/call_back.h"

enum { SOCKETS_MAX = 64, A_MOMENT_MS = 20 };

/* Made non-blocking by a watch for network events, which the close knows nothing of. */
static SOCKET watched[SOCKETS_MAX];

static void change_mark(SOCKET before, SOCKET after)
{
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (watched[i] == before) {
            watched[i] = after;
            return;
        }
    }
}

static bool is_watched(SOCKET s)
{
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (watched[i] == s) {
            return true;
        }
    }
    return false;
}

static void watch(SOCKET s, long events)
{
    if (events != 0 && !is_watched(s)) {
        change_mark(0, s);
    }
}

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    int returned = reference.lpWSPEventSelect(s, event, events, error);

    if (returned == 0) {
        watch(s, events);
    }
    return returned;
}

static int WSPAPI async_select(SOCKET s, HWND window, unsigned message, long events, LPINT error)
{
    int returned = reference.lpWSPAsyncSelect(s, window, message, events, error);

    if (returned == 0) {
        watch(s, events);
    }
    return returned;
}

/* From now on the mode is the one that the client has set itself. */
static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size,
                                        overlapped, routine, thread, error);

    if (returned == 0 && code == (DWORD)FIONBIO) {
        change_mark(s, 0);
    }
    return returned;
}

static void give_up(SOCKET s)
{
    const struct linger hard = {1, 0};
    int ignored;

    reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard, &ignored);
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    struct linger linger = linger_of(s);
    ULONGLONG until = GetTickCount64() + (ULONGLONG)linger.l_linger * 1000;
    int returned = reference.lpWSPCloseSocket(s, error);

    while (is_watched(s) && returned != 0 && *error == WSAEWOULDBLOCK) {
        Sleep(A_MOMENT_MS);
        if (GetTickCount64() >= until) {
            give_up(s);
        }
        returned = reference.lpWSPCloseSocket(s, error);
    }
    if (returned == 0) {
        change_mark(s, 0);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = event_select;
    table->lpWSPAsyncSelect = async_select;
    table->lpWSPIoctl = control;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "CLOSE-05",
    .what = "WSPCloseSocket lingers on a socket that is non-blocking only by WSPEventSelect or "
            "WSPAsyncSelect",
    .caught_by = "close/would_block_with_unsent_data/event_select_*",
    .change_table = change_table,
};
