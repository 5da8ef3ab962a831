#include "flawed/support/layer.h"

enum { MANY = 64 };
static struct {
    SOCKET s;
    WSAOVERLAPPED *overlapped;
} pending[MANY];
static unsigned next;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (overlapped != NULL && routine == NULL && returned != 0 && *error == WSA_IO_PENDING) {
        pending[next % MANY].s = s;
        pending[next++ % MANY].overlapped = overlapped;
    }
    return returned;
}

static bool is_pending(const WSAOVERLAPPED *overlapped)
{
    return *(const volatile ULONG_PTR *)&overlapped->Internal == WSS_OPERATION_IN_PROGRESS;
}

/* Only the head of the socket's queue is told. */
static int WSPAPI close_one(SOCKET s, LPINT error)
{
    WSAOVERLAPPED *silent[MANY];
    WSAEVENT events[MANY];
    int found = 0;
    int silenced = 0;

    for (int i = 0; i < MANY; i++) {
        if (pending[i].s != s) {
            continue;
        }
        if (is_pending(pending[i].overlapped) && found++ > 0) {
            silent[silenced] = pending[i].overlapped;
            events[silenced++] = pending[i].overlapped->hEvent;
            pending[i].overlapped->hEvent = NULL;
        }
        pending[i].s = 0;
    }
    int returned = reference.lpWSPCloseSocket(s, error);
    for (int i = 0; i < silenced; i++) {
        for (int turn = 0; turn < 100 && is_pending(silent[i]); turn++) {
            Sleep(5);
        }
        Sleep(5);
        silent[i]->hEvent = events[i];
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCloseSocket = close_one;
}

const struct flaw flaw = {
    .requirement = "CLOSE-02",
    .what = "WSPCloseSocket sets the event of only the first of several overlapped WSPRecv calls "
            "that are pending on the socket",
    .caught_by = "close/ends_overlapped_calls/two_recv_by_event_ipv4",
    .change_table = change_table,
};
