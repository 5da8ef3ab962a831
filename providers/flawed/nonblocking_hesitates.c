#include "flawed/support/layer.h"

enum { HESITATION_MS = 600 };

static int WSPAPI receive_slowly(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                 LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                 LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEWOULDBLOCK) {
        Sleep(HESITATION_MS);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive_slowly;
}

const struct flaw flaw = {
    .requirement = "NB-01",
    .what = "a receive on a non-blocking socket hesitates before it says WSAEWOULDBLOCK",
    .caught_by = "nonblocking/would_block/recv_*",
    .change_table = change_table,
};
