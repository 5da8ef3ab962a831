#include "flawed/support/layer.h"

static DWORD entry_id;

/* A call that says WSAEWOULDBLOCK was made on a non-blocking socket. */
static void call_back_on(bool failed, const int *error)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int ignored;

    if (failed && *error == WSAEWOULDBLOCK &&
        client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &ignored) == 0 &&
        callback != NULL) {
        callback(context);
    }
}

static int WSPAPI connect_with_callback(SOCKET s, const struct sockaddr *name, int length,
                                        LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                        LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    call_back_on(returned != 0, error);
    return returned;
}

static SOCKET WSPAPI accept_with_callback(SOCKET s, struct sockaddr *address, LPINT length,
                                          LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    call_back_on(accepted == INVALID_SOCKET, error);
    return accepted;
}

static int WSPAPI receive_with_callback(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                        LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                        LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    call_back_on(returned != 0, error);
    return returned;
}

static int WSPAPI receive_from_with_callback(SOCKET s, LPWSABUF buffers, DWORD count,
                                             LPDWORD received, LPDWORD flags, struct sockaddr *from,
                                             LPINT from_length, LPWSAOVERLAPPED overlapped,
                                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                             LPWSATHREADID thread, LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    call_back_on(returned != 0, error);
    return returned;
}

static int WSPAPI send_with_callback(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent,
                                     DWORD flags, LPWSAOVERLAPPED overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                     LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    call_back_on(returned != 0, error);
    return returned;
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_with_callback;
    table->lpWSPAccept = accept_with_callback;
    table->lpWSPRecv = receive_with_callback;
    table->lpWSPRecvFrom = receive_from_with_callback;
    table->lpWSPSend = send_with_callback;
}

const struct flaw flaw = {
    .requirement = "NB-01",
    .what = "a call on a non-blocking socket calls the blocking callback before it gives up",
    .caught_by = "nonblocking/would_block/connect_ipv4"
                 " callback/is_not_called_on_nonblocking_sockets/by_ioctl_*"
                 " nonblocking/would_block/recvfrom_* nonblocking/would_block/send_*",
    .change_table = change_table,
    .start = start,
};
