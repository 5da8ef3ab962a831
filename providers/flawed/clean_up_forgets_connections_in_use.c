#include "flawed/support/last_clean_up.h"

enum { SOCKETS_MAX = 64 };

static SOCKET in_use[SOCKETS_MAX];

static bool is_in_use(SOCKET s)
{
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (in_use[i] == s) {
            return true;
        }
    }
    return false;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (in_use[i] == 0) {
            in_use[i] = s;
            break;
        }
    }
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static void change_table(WSPPROC_TABLE *table)
{
    make_the_last_clean_up(table, is_in_use);
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-04",
    .what = "the last WSPCleanup leaves a connection open on which something is being received",
    .caught_by = "startup/last_clean_up_resets_connections/receiving_ipv4 "
                 "startup/last_clean_up_resets_connections/pending_ipv4",
    .change_table = change_table,
};
