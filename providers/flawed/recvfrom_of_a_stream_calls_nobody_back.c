#include "flawed/support/kinds.h"

static __thread bool alone;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    if (alone) {
        *callback = NULL;
        *context = 0;
        return 0;
    }
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned;

    alone = is_stream(s);
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                       overlapped, routine, thread, error);
    alone = false;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "WSPRecvFrom on a connection waits natively, while all other calls call back",
    .caught_by = "callback/is_called_while_blocked/recvfrom_stream_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
