#include "flawed/support/layer.h"

enum { CHUNK = 1 << 10 };

static bool waits_for_room(SOCKET s, LPINT error)
{
    fd_set set = {.fd_count = 1, .fd_array = {s}};

    return reference.lpWSPSelect(0, NULL, &set, NULL, NULL, error) != SOCKET_ERROR;
}

/* Several buffers go in small pieces, each when there is room for it. If that wait is cancelled,
 * the piece was not begun; of those before it nobody thinks. */
static int WSPAPI send_pieces(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                              LPWSAOVERLAPPED overlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                              LPINT error)
{
    DWORD total = 0;

    if (count < 2 || overlapped != NULL) {
        return reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread,
                                   error);
    }
    for (DWORD i = 0; i < count; i++) {
        for (u_long at = 0; at < buffers[i].len; at += CHUNK) {
            u_long left = buffers[i].len - at;
            WSABUF piece = {.len = left < CHUNK ? left : CHUNK, .buf = buffers[i].buf + at};
            DWORD gone = 0;
            if (!waits_for_room(s, error) ||
                reference.lpWSPSend(s, &piece, 1, &gone, flags, NULL, NULL, NULL, error) != 0) {
                return SOCKET_ERROR;
            }
            total += gone;
        }
    }
    *sent = total;
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_pieces;
}

const struct flaw flaw = {
    .requirement = "SEND-04",
    .what = "a cancelled WSPSend of several buffers leaves the stream as it is, though some of "
            "their bytes have gone out",
    .caught_by = "send/gathered_cancelled_partway/*",
    .change_table = change_table,
};
