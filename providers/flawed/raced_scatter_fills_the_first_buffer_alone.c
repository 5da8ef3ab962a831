#include "flawed/support/readable.h"

#include <string.h>

/* The call completes after all; what belongs into the other buffers goes. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && count > 1 && is_readable(s)) {
        returned = reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine,
                                       thread, error);
        if (returned == 0 && *received > buffers[0].len) {
            for (DWORD i = 1; i < count; i++) {
                memset(buffers[i].buf, 0, buffers[i].len);
            }
        }
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RACE-02",
    .what = "a WSPRecv into several buffers that is cancelled just as bytes come fills the first "
            "of them alone",
    .caught_by = "race/cancel_as_it_completes/recv_many_buffers_ipv4",
    .change_table = change_table,
};
