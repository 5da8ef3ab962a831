#include "flawed/support/layer.h"

static volatile LONG told;

/* The first send is told; what is sent after that goes nowhere. */
static int WSPAPI send_on(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAECONNABORTED && told++ > 0) {
        *sent = 0;
        for (DWORD i = 0; i < count; i++) {
            *sent += buffers[i].len;
        }
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_on;
}

const struct flaw flaw = {
    .requirement = "STREAM-05",
    .what = "on an aborted connection one WSPSend fails, and the next ones succeed",
    .caught_by = "stream/is_not_aborted_by_halves/send_*",
    .change_table = change_table,
};
