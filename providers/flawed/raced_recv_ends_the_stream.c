#include "flawed/support/readable.h"

/* The bytes are delivered in spite of the cancel; the stream has been given up all the same. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    DWORD flags_before = flags != NULL ? *flags : 0;
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && is_readable(s)) {
        int ignored;
        returned = reference.lpWSPRecv(s, buffers, count, received, &flags_before, overlapped,
                                       routine, thread, error);
        reference.lpWSPShutdown(s, SD_BOTH, &ignored);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RACE-04",
    .what = "a WSPRecv that completes in spite of a cancel is the last one on its socket",
    .caught_by = "race/completed_call_is_not_cancelled/recv_ipv4",
    .change_table = change_table,
};
