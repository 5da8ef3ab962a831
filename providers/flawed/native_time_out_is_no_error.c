#include "flawed/support/layer.h"

static DWORD entry_id;

static bool has_callback(void)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context;
    int ignored;

    return client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &ignored) == 0 &&
           callback != NULL;
}

/* The native wait says that it is over, not why. */
static int end_of(int returned, LPDWORD received, const int *error)
{
    if (returned != 0 && *error == WSAETIMEDOUT && !has_callback()) {
        *received = 0;
        return 0;
    }
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    return end_of(
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error),
        received, error);
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    return end_of(reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                          overlapped, routine, thread, error),
                  received, error);
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "without a blocking callback, a receive whose time runs out returns 0 with no byte",
    .caught_by =
        "callback/may_be_absent/recv_times_out_ipv4 callback/may_be_absent/recvfrom_times_out_ipv4",
    .start = start,
    .change_table = change_table,
};
