#include "flawed/support/layer.h"

static SOCKET kept = INVALID_SOCKET;

static int WSPAPI ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                        LPDWORD returned, LPWSAOVERLAPPED overlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                        LPINT error)
{
    int result = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped,
                                      routine, thread, error);

    if (result == SOCKET_ERROR && *error == WSAEINTR) {
        kept = s;
    }
    return result;
}

static int WSPAPI close_once(SOCKET s, LPINT error)
{
    if (s == kept) {
        kept = INVALID_SOCKET;
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = ioctl;
    table->lpWSPCloseSocket = close_once;
}

const struct flaw flaw = {
    .requirement = "PCS-02",
    .what = "a socket on which a WSPIoctl was cancelled cannot be closed at once",
    .caught_by = "ioctl/ends_when_cancelled/*_ipv4"
                 " ioctl/ends_when_cancelled/routing_interface_change_ipv6",
    .change_table = change_table,
};
