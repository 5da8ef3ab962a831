#include "flawed/support/kinds.h"

/* A call with a time limit has a timed wait of its own, which knows nothing of callbacks. */
static __thread bool has_a_limit;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    if (has_a_limit) {
        *callback = NULL;
        *context = 0;
        return 0;
    }
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static int WSPAPI select_alone(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                               const PTIMEVAL timeout, LPINT error)
{
    int returned;

    has_a_limit = timeout != NULL;
    returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    has_a_limit = false;
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    has_a_limit = has_receive_timeout(s);
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    has_a_limit = false;
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned;

    has_a_limit = has_receive_timeout(s);
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                       overlapped, routine, thread, error);
    has_a_limit = false;
    return returned;
}

static int WSPAPI send_alone(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                             LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    int returned;

    has_a_limit = has_send_timeout(s);
    returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
    has_a_limit = false;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_alone;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_alone;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "calls with a time limit, of their socket or of WSPSelect, call nobody back",
    .caught_by = "callback/is_called_while_blocked/*_timed_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
