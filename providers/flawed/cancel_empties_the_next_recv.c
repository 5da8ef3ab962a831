#include "flawed/support/layer.h"

/* The thread's last call was cancelled, and moved nothing; so they say of the next one. */
static __thread bool cancelled;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    cancelled = returned == 0;
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool was_cancelled = cancelled;
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == 0 && was_cancelled && received != NULL) {
        *received = 0;
    }
    cancelled = returned != 0 && *error == WSAEINTR;
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "STICKY-03",
    .what = "after a cancel the next WSPRecv says that it received nothing",
    .caught_by = "sticky/cancel_spares_an_immediate_call/connect_then_recv_ipv4"
                 " sticky/cancel_spares_an_immediate_call/accept_then_recv_*"
                 " sticky/cancel_spares_an_immediate_call/recv_then_recv_*"
                 " sticky/cancel_spares_an_immediate_call/send_then_recv_*",
    .change_table = change_table,
};
