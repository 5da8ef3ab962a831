#include "flawed/support/call_back.h"
#include "flawed/support/kinds.h"

static int WSPAPI send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          const struct sockaddr *to, int to_length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    if (overlapped == NULL && !is_stream(s)) {
        call_back_once();
    }
    return reference.lpWSPSendTo(s, buffers, count, sent, flags, to, to_length, overlapped, routine,
                                 thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSendTo = send_to;
}

const struct flaw flaw = {
    .requirement = "BHK-07",
    .what = "a WSPSendTo on a datagram socket, which has room, calls the blocking callback",
    .caught_by = "callback/is_not_called_when_ready/sendto_datagram_ipv4",
    .start = start_to_call_back,
    .change_table = change_table,
};
