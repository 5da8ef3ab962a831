#include "flawed/support/layer.h"

enum { LATE_MS = 3000, PLACES = 64 };

/* Which sockets threads receive on; the cancel takes the socket's lock, held by the receivers. */
static SOCKET used[PLACES];
static SRWLOCK lock = SRWLOCK_INIT;
static __thread SOCKET mine;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    SOCKET outer = mine;
    int place = 0;
    int returned;

    AcquireSRWLockExclusive(&lock);
    while (place < PLACES - 1 && used[place] != 0) {
        place++;
    }
    used[place] = s;
    ReleaseSRWLockExclusive(&lock);
    mine = s;
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    mine = outer;
    used[place] = 0;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    ULONGLONG until = GetTickCount64() + LATE_MS;

    while (mine != 0 && GetTickCount64() < until) {
        int others = -1;
        AcquireSRWLockShared(&lock);
        for (int i = 0; i < PLACES; i++) {
            others += used[i] == mine;
        }
        ReleaseSRWLockShared(&lock);
        if (others <= 0) {
            break;
        }
        Sleep(10);
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-25",
    .what = "WSPCancelBlockingCall for a WSPRecv waits while another thread receives on the same "
            "socket",
    .caught_by = "cancel/neither_waits_nor_calls_back/recv_beside_a_receiver_ipv4",
    .change_table = change_table,
};
