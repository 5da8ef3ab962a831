#include "flawed/support/layer.h"

static bool is_open(SOCKET s)
{
    int type;
    int length = sizeof type;
    int error = 0;

    return reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &length, &error) == 0 ||
           error != WSAENOTSOCK;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool peeks = flags != NULL && (*flags & MSG_PEEK) != 0 && overlapped == NULL;
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAECONNABORTED && peeks && is_open(s)) {
        *received = 0;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "STREAM-03",
    .what = "WSPRecv with MSG_PEEK on a damaged stream tells the end of it, with success",
    .caught_by = "stream/damaged_one_refuses_calls/*",
    .change_table = change_table,
};
