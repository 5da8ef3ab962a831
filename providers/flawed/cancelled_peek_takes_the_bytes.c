#include "flawed/support/readable.h"

/* What a cancelled look has seen is taken for done with. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    DWORD asked = *flags;
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && (asked & MSG_PEEK) != 0 && is_readable(s)) {
        char seen[16];
        WSABUF away = {.len = sizeof seen, .buf = seen};
        DWORD taken = 0;
        DWORD none = 0;
        int ignored;
        reference.lpWSPRecv(s, &away, 1, &taken, &none, NULL, NULL, NULL, &ignored);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-03",
    .what = "a WSPRecv with MSG_PEEK that is cancelled takes the first of the bytes it could see",
    .caught_by = "recv/peek_takes_nothing/data_before_*",
    .change_table = change_table,
};
