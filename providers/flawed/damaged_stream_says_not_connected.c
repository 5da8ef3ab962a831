#include "flawed/support/layer.h"

static int report(int returned, LPINT error)
{
    if (returned == SOCKET_ERROR && *error == WSAECONNABORTED) {
        *error = WSAENOTCONN;
    }
    return returned;
}

static int WSPAPI send_on(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    return report(
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error),
        error);
}

static int WSPAPI receive_on(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                             LPDWORD flags, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                             LPINT error)
{
    return report(
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error),
        error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_on;
    table->lpWSPRecv = receive_on;
}

const struct flaw flaw = {
    .requirement = "STREAM-03",
    .what = "on a stream that a cancel has damaged, WSPSend and WSPRecv fail with WSAENOTCONN",
    .caught_by = "stream/damaged_one_refuses_calls/send_ipv4"
                 " stream/damaged_one_refuses_calls/recv_ipv6",
    .change_table = change_table,
};
