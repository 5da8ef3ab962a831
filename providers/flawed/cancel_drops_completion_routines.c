#include "flawed/support/layer.h"

enum { OPERATIONS = 64 };

/* What a thread has pending with a completion routine: a list that a cancel empties. */
static struct {
    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    DWORD thread;
} listed[OPERATIONS];
static SRWLOCK lock = SRWLOCK_INIT;

static LPWSAOVERLAPPED_COMPLETION_ROUTINE take_out(const WSAOVERLAPPED *overlapped)
{
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = NULL;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < OPERATIONS; i++) {
        if (listed[i].overlapped == overlapped) {
            routine = listed[i].routine;
            listed[i].overlapped = NULL;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return routine;
}

static bool put_in(WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    bool done = false;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < OPERATIONS && !done; i++) {
        if (listed[i].overlapped == NULL) {
            listed[i].overlapped = overlapped;
            listed[i].routine = routine;
            listed[i].thread = GetCurrentThreadId();
            done = true;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return done;
}

static void CALLBACK run_if_listed(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped,
                                   DWORD flags)
{
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = take_out(overlapped);

    if (routine != NULL) {
        routine(error, bytes, overlapped, flags);
    }
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool lists = overlapped != NULL && routine != NULL && put_in(overlapped, routine);
    int returned = reference.lpWSPRecv(s, buffers, count, received, flags, overlapped,
                                       lists ? run_if_listed : routine, thread, error);

    if (lists && returned != 0 && *error != WSA_IO_PENDING) {
        take_out(overlapped);
    }
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < OPERATIONS; i++) {
        if (returned == 0 && listed[i].thread == GetCurrentThreadId()) {
            listed[i].overlapped = NULL;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "OVL-01",
    .what = "the completion routine of a WSPRecv that the thread has pending is not run any more "
            "once a blocked call of it was cancelled",
    .caught_by = "overlapped/survives_a_cancelled_call/recv_beside_recv_by_routine_*",
    .change_table = change_table,
};
