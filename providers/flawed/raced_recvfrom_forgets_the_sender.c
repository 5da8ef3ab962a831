#include "flawed/support/readable.h"

/* The datagram is received in spite of the cancel, by a call that only wants its bytes. */
static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    DWORD flags_before = flags != NULL ? *flags : 0;
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && is_readable(s)) {
        returned = reference.lpWSPRecvFrom(s, buffers, count, received, &flags_before, NULL, NULL,
                                           overlapped, routine, thread, error);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "RACE-02",
    .what = "a WSPRecvFrom that completes in spite of a cancel does not tell who sent the datagram",
    .caught_by = "race/cancel_as_it_completes/recvfrom_*",
    .change_table = change_table,
};
