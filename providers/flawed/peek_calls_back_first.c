#include "flawed/support/call_back.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    if (overlapped == NULL && (*flags & MSG_PEEK) != 0) {
        call_back_once();
    }
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "BHK-07",
    .what = "a WSPRecv with MSG_PEEK calls the blocking callback before it looks for data",
    .caught_by = "callback/is_not_called_when_ready/recv_peek_ipv4",
    .start = start_to_call_back,
    .change_table = change_table,
};
