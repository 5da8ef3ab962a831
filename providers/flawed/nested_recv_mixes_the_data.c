#include "flawed/support/nested.h"

#include <string.h>

enum { KEPT = 8 };

static char kept[KEPT];
static volatile bool keeps;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool nested = is_in_callback();
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 || count == 0 || *received < KEPT) {
        return returned;
    }
    if (nested) {
        memcpy(kept, buffers->buf, KEPT);
        keeps = true;
    } else if (keeps) {
        memcpy(buffers->buf, kept, KEPT);
        keeps = false;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "REENT-03",
    .what = "what a WSPRecv made in the callback received turns up in the blocked WSPRecv",
    .caught_by = "nested/blocked_call_is_unharmed/recv_*"
                 " nested/blocked_call_is_unharmed/select_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
