#include "flawed/support/layer.h"

static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        *sent = 1;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_some;
}

const struct flaw flaw = {
    .requirement = "SEND-01",
    .what = "a cancelled send returns 0 and a count of bytes instead of WSAEINTR",
    .caught_by = "send/ends_when_cancelled/* race/cancel_as_it_completes/send_*"
                 " send/cancelled_partway/peer_waits_ipv4"
                 " stream/stays_whole_or_is_aborted/send_ipv6",
    .change_table = change_table,
};
