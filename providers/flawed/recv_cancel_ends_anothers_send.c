#include "flawed/support/layer.h"

enum { SOCKETS = 64 };

/* A cancel that the socket remembers, not the thread, until somebody uses it up. */
static struct {
    SOCKET socket;
    DWORD thread;
} cancelled[SOCKETS];
static SRWLOCK lock = SRWLOCK_INIT;

static void remember(SOCKET s)
{
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < SOCKETS; i++) {
        if (cancelled[i].thread == 0 || cancelled[i].socket == s) {
            cancelled[i].socket = s;
            cancelled[i].thread = GetCurrentThreadId();
            break;
        }
    }
    ReleaseSRWLockExclusive(&lock);
}

static bool uses_up(SOCKET s)
{
    bool found = false;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < SOCKETS; i++) {
        if (cancelled[i].thread != 0 && cancelled[i].socket == s) {
            found = cancelled[i].thread != GetCurrentThreadId();
            cancelled[i].thread = 0;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return found;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR) {
        remember(s);
    }
    return returned;
}

static int WSPAPI send_or_end(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                              LPWSAOVERLAPPED overlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                              LPINT error)
{
    if (overlapped == NULL && uses_up(s)) {
        *error = WSAEINTR;
        return SOCKET_ERROR;
    }
    return reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
}

static int WSPAPI close_and_forget(SOCKET s, LPINT error)
{
    uses_up(s);
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPSend = send_or_end;
    table->lpWSPCloseSocket = close_and_forget;
}

const struct flaw flaw = {
    .requirement = "STICKY-05",
    .what = "after a cancelled WSPRecv the next WSPSend on its socket ends with WSAEINTR, if "
            "another thread makes it",
    .caught_by = "sticky/cancel_spares_the_call_of_another/recv_then_send_*",
    .change_table = change_table,
};
