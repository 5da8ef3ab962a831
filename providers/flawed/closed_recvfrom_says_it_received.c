#include "flawed/support/layer.h"

static bool is_closed(SOCKET s)
{
    SOCKADDR_STORAGE name;
    int length = sizeof name;
    int error = 0;

    return reference.lpWSPGetSockName(s, (struct sockaddr *)&name, &length, &error) != 0 &&
           error == WSAENOTSOCK;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    bool closed_before = is_closed(s);
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (returned != 0 && overlapped == NULL && !closed_before && is_closed(s)) {
        *received = 0;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "CLOSE-01",
    .what = "a WSPRecvFrom whose socket is closed by another thread returns 0, with no bytes",
    .caught_by = "close/ends_the_call_of_another_thread/recvfrom_*",
    .change_table = change_table,
};
