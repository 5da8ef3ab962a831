#include "flawed/support/layer.h"

static volatile SOCKET spent = INVALID_SOCKET; /* the last socket with a cancelled WSPRecv */
static __thread bool unheard;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    if (unheard) {
        *callback = NULL;
        *context = 0;
        return 0;
    }
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

/* Nobody is expected to receive there again, and nobody can stop it if it does. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    unheard = s == spent;
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    unheard = false;
    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        spent = s;
    }
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
    .requirement = "PCS-01",
    .what = "after a cancelled WSPRecv the next one on that socket waits without any callback",
    .caught_by = "cancel/leaves_a_socket_that_answers/recv_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
