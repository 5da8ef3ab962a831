#include "flawed/support/layer.h"

/* Any entry will do: the harness gives out the callback of the thread that asks. */
static DWORD entry_id;

static void call_back(void)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int error;

    if (client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &error) == 0 &&
        callback != NULL) {
        callback(context);
    }
}

static SOCKET WSPAPI accept_after_callback(SOCKET s, struct sockaddr *address, LPINT length,
                                           LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    call_back();
    return reference.lpWSPAccept(s, address, length, condition, data, error);
}

static int WSPAPI select_after_callback(int nfds, fd_set *read, fd_set *write, fd_set *except,
                                        const PTIMEVAL timeout, LPINT error)
{
    if (timeout == NULL) {
        call_back();
    }
    return reference.lpWSPSelect(nfds, read, write, except, timeout, error);
}

static int WSPAPI receive_after_callback(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                         LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                         LPWSATHREADID thread, LPINT error)
{
    call_back();
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static int WSPAPI receive_from_after_callback(SOCKET s, LPWSABUF buffers, DWORD count,
                                              LPDWORD received, LPDWORD flags,
                                              struct sockaddr *from, LPINT from_length,
                                              LPWSAOVERLAPPED overlapped,
                                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                              LPWSATHREADID thread, LPINT error)
{
    call_back();
    return reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                   overlapped, routine, thread, error);
}

static int WSPAPI send_after_callback(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent,
                                      DWORD flags, LPWSAOVERLAPPED overlapped,
                                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                      LPWSATHREADID thread, LPINT error)
{
    call_back();
    return reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_after_callback;
    table->lpWSPSelect = select_after_callback;
    table->lpWSPRecv = receive_after_callback;
    table->lpWSPRecvFrom = receive_from_after_callback;
    table->lpWSPSend = send_after_callback;
}

const struct flaw flaw = {
    .requirement = "BHK-07",
    .what = "the blocking callback is called before it is known whether the call has to wait",
    .caught_by =
        "callback/is_not_called_when_ready/accept_* callback/is_not_called_when_ready/select_ipv* "
        "callback/is_not_called_when_ready/recv* callback/is_not_called_when_ready/send_*",
    .change_table = change_table,
    .start = start,
};
