#include "flawed/support/layer.h"

/* The timer that ended the thread's last call was not taken back from the cancel. */
static __thread bool timed_out;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    timed_out = returned != 0 && *error == WSAETIMEDOUT;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return timed_out ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-10",
    .what = "a WSPRecv whose time ran out can still be cancelled once it has returned",
    .caught_by = "cancel/idle_after_a_failed_call/recv_times_out_*",
    .change_table = change_table,
};
