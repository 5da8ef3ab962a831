#include "flawed/support/kinds.h"

static __thread bool of_a_datagram;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    if (of_a_datagram) {
        *callback = NULL;
        *context = 0;
        return 0;
    }
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    of_a_datagram = !is_stream(s);
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    of_a_datagram = false;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "WSPRecv on a datagram socket waits natively, while all other calls call back",
    .caught_by = "callback/is_called_while_blocked/recv_datagram_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
