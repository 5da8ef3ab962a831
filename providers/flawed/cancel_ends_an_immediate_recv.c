#include "flawed/support/layer.h"

/* A cancel that no later call of the thread has noticed yet. */
static __thread bool left;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    left = returned == 0;
    return returned;
}

static bool has_bytes(SOCKET s)
{
    u_long waiting = 0;
    DWORD size;
    int ignored;

    return reference.lpWSPIoctl(s, (DWORD)FIONREAD, NULL, 0, &waiting, sizeof waiting, &size, NULL,
                                NULL, NULL, &ignored) == 0 &&
           waiting > 0;
}

/* The way out for calls that need not wait looks at what the last wait has left. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    if (left && has_bytes(s)) {
        left = false;
        *error = WSAEINTR;
        return SOCKET_ERROR;
    }
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "STICKY-03",
    .what = "after a cancel a WSPRecv that could finish at once fails with WSAEINTR",
    .caught_by = "sticky/cancel_spares_an_immediate_call/connect_then_recv_*"
                 " sticky/cancel_spares_an_immediate_call/select_then_recv_*"
                 " sticky/cancel_spares_an_immediate_call/recvfrom_then_recv_*",
    .change_table = change_table,
};
