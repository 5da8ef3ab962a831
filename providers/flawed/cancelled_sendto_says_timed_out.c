#include "flawed/support/layer.h"

static int WSPAPI send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          const struct sockaddr *to, int length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = reference.lpWSPSendTo(s, buffers, count, sent, flags, to, length, overlapped,
                                         routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        *error = WSAETIMEDOUT;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSendTo = send_to;
}

const struct flaw flaw = {
    .requirement = "SENDTO-01",
    .what = "a cancelled WSPSendTo fails with WSAETIMEDOUT",
    .caught_by = "sendto/ends_when_cancelled/*",
    .change_table = change_table,
};
