#include "flawed/support/layer.h"

static volatile SOCKET timed = INVALID_SOCKET;

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    if (level == SOL_SOCKET && option == SO_RCVTIMEO) {
        timed = s;
    }
    return reference.lpWSPSetSockOpt(s, level, option, value, size, error);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && s == timed) {
        *error = WSAETIMEDOUT;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSetSockOpt = set_option;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-01",
    .what = "a cancelled recv on a socket with SO_RCVTIMEO fails with WSAETIMEDOUT",
    .caught_by = "recv/ends_when_cancelled/receive_timeout_*",
    .change_table = change_table,
};
