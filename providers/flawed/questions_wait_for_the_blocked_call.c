#include "flawed/support/layer.h"

/* Held as long as a WSPRecv or WSPRecvFrom lasts. */
static CRITICAL_SECTION receiving;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    EnterCriticalSection(&receiving);
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    LeaveCriticalSection(&receiving);
    return returned;
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    int returned;

    EnterCriticalSection(&receiving);
    returned = reference.lpWSPGetSockOpt(s, level, option, value, size, error);
    LeaveCriticalSection(&receiving);
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    static bool made;

    if (!made) {
        InitializeCriticalSection(&receiving);
        made = true;
    }
    table->lpWSPRecv = receive;
    table->lpWSPGetSockOpt = get_option;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-03",
    .what = "WSPGetSockOpt waits for a WSPRecv that another thread is blocked in",
    .caught_by = "nonblocking/bind_and_questions_never_wait/beside_recv_*",
    .change_table = change_table,
};
