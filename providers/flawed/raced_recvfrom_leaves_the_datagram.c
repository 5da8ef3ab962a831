#include "flawed/support/readable.h"

/* The call completes after all, but its datagram stays where it was. */
static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && is_readable(s)) {
        DWORD looking = *flags | MSG_PEEK;
        returned = reference.lpWSPRecvFrom(s, buffers, count, received, &looking, from, length,
                                           overlapped, routine, thread, error);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "RACE-03",
    .what = "the datagram of a WSPRecvFrom that completes in spite of its cancel comes twice",
    .caught_by = "race/completed_one_loses_nothing/recvfrom_*",
    .change_table = change_table,
};
