#include "flawed/support/layer.h"

static unsigned owed;

/* The operation that was begun last, and how its client wants to hear of it. */
static WSAOVERLAPPED *pending;
static LPWSAOVERLAPPED_COMPLETION_ROUTINE pending_routine;
static WSATHREADID pending_thread;

static void CALLBACK tell(DWORD_PTR overlapped)
{
    pending_routine(WSA_OPERATION_ABORTED, 0, (WSAOVERLAPPED *)overlapped, 0);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (routine != NULL && returned != 0 && *error == WSA_IO_PENDING) {
        pending = overlapped;
        pending_routine = routine;
        pending_thread = *thread;
    }
    return returned;
}

static int WSPAPI clean_up(LPINT error)
{
    int ignored;

    if (--owed == 0 && pending != NULL) {
        client.lpWPUQueueApc(&pending_thread, tell, (DWORD_PTR)pending, &ignored);
    }
    return reference.lpWSPCleanup(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    owed++;
    table->lpWSPRecv = receive;
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-02",
    .what = "the last WSPCleanup has the completion routine of a pending WSPRecv run",
    .caught_by = "startup/last_clean_up_ends_overlapped_calls/recv_by_routine_*",
    .change_table = change_table,
};
