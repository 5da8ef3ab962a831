#include "flawed/support/nested.h"

#include <string.h>

enum { KEPT = 8 };

static char kept[KEPT];
static volatile bool keeps;

static void mix(int returned, LPWSABUF buffers, DWORD count, const DWORD *received)
{
    if (keeps && returned == 0 && count > 0 && *received >= KEPT) {
        memcpy(buffers->buf, kept, KEPT);
        keeps = false;
    }
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool nested = is_in_callback();
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (!nested) {
        mix(returned, buffers, count, received);
    } else if (returned == 0 && count > 0 && *received >= KEPT) {
        memcpy(kept, buffers->buf, KEPT);
        keeps = true;
    }
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    bool nested = is_in_callback();
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (!nested) {
        mix(returned, buffers, count, received);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "REENT-03",
    .what = "what a WSPRecv made in the callback received turns up in the blocked receive",
    .caught_by = "nested/blocked_call_is_unharmed/recv_ipv*"
                 " nested/blocked_call_is_unharmed/recvfrom_beside_a_stream_ipv4"
                 " nested/blocked_call_is_unharmed/select_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
