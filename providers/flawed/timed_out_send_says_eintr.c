#include "flawed/support/layer.h"

/* A send that its peer has kept waiting has one way out. */
static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAETIMEDOUT) {
        *error = WSAEINTR;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_some;
}

const struct flaw flaw = {
    .requirement = "RACE-05",
    .what = "a WSPSend whose SO_SNDTIMEO is up fails with WSAEINTR",
    .caught_by = "race/only_a_cancel_interrupts/send_times_out_ipv4"
                 " race/only_a_cancel_interrupts/send_times_out_partway_ipv4",
    .change_table = change_table,
};
