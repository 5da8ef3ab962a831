#include "flawed/support/layer.h"

/* Its flag is taken back by the waits that receive alone. */
static __thread bool left_over;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    left_over = left_over || returned == 0;
    return returned;
}

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    bool shortened = left_over && overlapped == NULL;
    int returned;

    left_over = false;
    if (shortened) {
        *sent = 0;
        return 0;
    }
    returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
    left_over = false;
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPSend = send_out;
}

const struct flaw flaw = {
    .requirement = "STICKY-01",
    .what = "the next WSPSend of a thread whose call was cancelled does not wait and sends nothing",
    .caught_by = "sticky/cancel_spares_the_next_call/recv_then_send_ipv4 "
                 "sticky/cancel_spares_the_next_call/accept_then_timed_send_ipv4",
    .change_table = change_table,
};
