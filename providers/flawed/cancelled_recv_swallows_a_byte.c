#include "flawed/support/layer.h"

/* Looks whether there was something after all, by taking it. */
static int WSPAPI receive_and_look(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                   LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                   LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    char byte;
    WSABUF buffer = {.len = 1, .buf = &byte};
    u_long waiting = 0;
    DWORD moved = 0;
    DWORD none = 0;
    int ignored;

    if (returned == SOCKET_ERROR && *error == WSAEINTR &&
        reference.lpWSPIoctl(s, (DWORD)FIONREAD, NULL, 0, &waiting, sizeof waiting, &moved, NULL,
                             NULL, NULL, &ignored) == 0 &&
        waiting > 0) {
        reference.lpWSPRecv(s, &buffer, 1, &moved, &none, NULL, NULL, NULL, &ignored);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive_and_look;
}

const struct flaw flaw = {
    .requirement = "STREAM-01",
    .what = "a WSPRecv that is cancelled when data has come takes a byte, which nobody gets",
    .caught_by = "stream/stays_whole_or_is_aborted/recv_ipv4"
                 " stream/stays_whole_or_is_aborted/recv_ipv4_often",
    .change_table = change_table,
};
