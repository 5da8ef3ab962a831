#include "flawed/support/layer.h"

enum { SOCKETS = 64 };

/* The sockets on which an overlapped call was made. */
static SOCKET used[SOCKETS];
static volatile LONG uses;

static bool is_used(SOCKET s)
{
    for (int i = 0; i < SOCKETS; i++) {
        if (used[i] == s) {
            return true;
        }
    }
    return false;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    if (overlapped != NULL) {
        used[InterlockedIncrement(&uses) % SOCKETS] = s;
    } else if (is_used(s)) {
        *error = WSA_IO_PENDING;
        return SOCKET_ERROR;
    }
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "OVL-03",
    .what =
        "once a socket has had an overlapped WSPRecv, one without an OVERLAPPED is pending, too",
    .caught_by = "overlapped/no_structure_means_blocking/after_overlapped_recv_*",
    .change_table = change_table,
};
