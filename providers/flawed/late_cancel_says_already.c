#include "flawed/support/readable.h"

/* The socket on which the thread receives, and a code of its own for a cancel that is late. */
static __thread SOCKET receiving = INVALID_SOCKET;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    receiving = s;
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    receiving = INVALID_SOCKET;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    if (receiving != INVALID_SOCKET && is_readable(receiving)) {
        *error = WSAEALREADY;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-01",
    .what = "a cancel that comes when there is something to receive fails with WSAEALREADY",
    .caught_by = "race/late_cancel_may_succeed/recv_*",
    .change_table = change_table,
};
