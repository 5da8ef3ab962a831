#include "flawed/support/layer.h"

enum { LONGEST_MS = 3000, PLACES = 64 };

static SOCKET used[PLACES];
static SRWLOCK lock = SRWLOCK_INIT;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int place = 0;

    AcquireSRWLockExclusive(&lock);
    while (place < PLACES - 1 && used[place] != 0) {
        place++;
    }
    used[place] = s;
    ReleaseSRWLockExclusive(&lock);
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    used[place] = 0;
    return returned;
}

static int WSPAPI end_receiving(SOCKET s, LPWSABUF data, LPINT error)
{
    ULONGLONG until = GetTickCount64() + LONGEST_MS;
    bool busy = true;

    while (busy && GetTickCount64() < until) {
        busy = false;
        for (int i = 0; i < PLACES; i++) {
            busy = busy || used[i] == s;
        }
        Sleep(busy ? 10 : 0);
    }
    return reference.lpWSPRecvDisconnect(s, data, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvDisconnect = end_receiving;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-02",
    .what = "WSPRecvDisconnect waits while another thread is blocked in WSPRecv on the socket",
    .caught_by = "nonblocking/disconnect_never_waits/receive_beside_a_receiver_ipv4",
    .change_table = change_table,
};
