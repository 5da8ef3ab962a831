#include "flawed/support/layer.h"

/* With one call of the reference provider for each buffer, that one knows of no more than its own:
 * cancelled in the second, it sees no reason to reset the connection for the bytes in the first. */
static int fill_one_by_one(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                           LPINT error)
{
    const DWORD asked = *flags;
    DWORD total = 0;

    for (DWORD i = 0; i < count; i++) {
        DWORD some = 0;
        *flags = asked;
        if (reference.lpWSPRecv(s, &buffers[i], 1, &some, flags, NULL, NULL, NULL, error) != 0) {
            return SOCKET_ERROR;
        }
        total += some;
        if (some < buffers[i].len) {
            break;
        }
    }
    *received = total;
    return 0;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    if (count > 1 && *flags == MSG_WAITALL && overlapped == NULL) {
        return fill_one_by_one(s, buffers, count, received, flags, error);
    }
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-04",
    .what = "a WSPRecv with MSG_WAITALL that is cancelled after its first buffers were filled, and "
            "before a byte of the next, loses what is in them",
    .caught_by = "recv/cancelled_partway/*_full_buffer*",
    .change_table = change_table,
};
