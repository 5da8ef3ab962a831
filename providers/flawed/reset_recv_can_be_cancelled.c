#include "flawed/support/layer.h"

static __thread bool was_reset;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    was_reset = returned != 0 && *error == WSAECONNRESET;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return was_reset ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-10",
    .what = "a WSPRecv whose connection was reset can still be cancelled once it has returned",
    .caught_by = "cancel/idle_after_a_failed_call/recv_is_reset_ipv4",
    .change_table = change_table,
};
