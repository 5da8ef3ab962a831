#include "flawed/support/layer.h"

/* The thread's last receive came to the end of the stream: a way out of its own. */
static __thread bool ended;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    ended = returned == 0 && *received == 0;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return ended ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-08",
    .what =
        "a WSPRecv that came to the end of the stream can still be cancelled once it has returned",
    .caught_by = "cancel/idle_after_completion/recv_ends_ipv4",
    .change_table = change_table,
};
