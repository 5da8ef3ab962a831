#include "flawed/support/layer.h"

static volatile SOCKET synchronous = INVALID_SOCKET;
static volatile LONG receiving; /* the thread that does, on that socket */

static SOCKET WSPAPI make_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info,
                                 GROUP group, DWORD flags, LPINT error)
{
    SOCKET made = reference.lpWSPSocket(family, type, protocol, info, group, flags, error);

    if ((flags & WSA_FLAG_OVERLAPPED) == 0) {
        synchronous = made;
    }
    return made;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    receiving = s == synchronous ? (LONG)GetCurrentThreadId() : 0;
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    receiving = 0;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return (DWORD)receiving == GetCurrentThreadId() ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSocket = make_socket;
    table->lpWSPRecv = receive;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "RECV-01",
    .what = "a recv on a socket made without WSA_FLAG_OVERLAPPED goes on after its cancel",
    .caught_by = "recv/ends_when_cancelled/not_overlapped_ipv4",
    .change_table = change_table,
};
