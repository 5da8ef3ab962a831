#include "flawed/support/layer.h"

static __thread bool timed_out;

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    timed_out = returned != 0 && *error == WSAETIMEDOUT;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return timed_out ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_out;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-10",
    .what = "a WSPSend whose time ran out can still be cancelled once it has returned",
    .caught_by = "cancel/idle_after_a_failed_call/send_times_out_ipv4",
    .change_table = change_table,
};
