#include "flawed/support/readable.h"

static bool is_datagram_socket(SOCKET s)
{
    int type = 0;
    int size = sizeof type;
    int ignored;

    return reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size, &ignored) == 0 &&
           type == SOCK_DGRAM;
}

/* A cancel that comes too late is ignored, as it may be; but not all of the result is told. */
static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && is_datagram_socket(s) && is_readable(s)) {
        return reference.lpWSPRecvFrom(s, buffers, count, received, flags, NULL, NULL, NULL, NULL,
                                       thread, error);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "RACE-02",
    .what = "a WSPRecvFrom that succeeds in spite of a cancel leaves lpFrom and lpFromlen as they "
            "were",
    .caught_by = "race/cancel_as_it_completes/recvfrom_*",
    .change_table = change_table,
};
