#include "flawed/support/layer.h"

/* The overlapped path looks at the connection, which is gone, before it looks at why. */
static int WSPAPI send_not_connected(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent,
                                     DWORD flags, LPWSAOVERLAPPED overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                     LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAECONNABORTED && overlapped != NULL) {
        *error = WSAENOTCONN;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_not_connected;
}

const struct flaw flaw = {
    .requirement = "STREAM-03",
    .what = "on a stream that a cancel has aborted, an overlapped WSPSend fails with WSAENOTCONN",
    .caught_by = "stream/damaged_one_refuses_calls/*",
    .change_table = change_table,
};
