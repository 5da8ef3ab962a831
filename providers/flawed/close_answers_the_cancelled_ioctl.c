#include "flawed/support/layer.h"

/* The request that was cancelled last. */
static SOCKET left_behind = INVALID_SOCKET;
static LPDWORD count_of_it;

static int WSPAPI ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                        LPDWORD returned, LPWSAOVERLAPPED overlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                        LPINT error)
{
    int result = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped,
                                      routine, thread, error);

    if (result == SOCKET_ERROR && *error == WSAEINTR) {
        left_behind = s;
        count_of_it = returned;
    }
    return result;
}

/* The close calls the request off, which completes it: no bytes. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    if (s == left_behind) {
        *count_of_it = 0;
        left_behind = INVALID_SOCKET;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = ioctl;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "IOCTL-02",
    .what = "WSPCloseSocket completes a cancelled WSPIoctl, and writes its lpcbBytesReturned",
    .caught_by = "ioctl/leaves_its_memory_alone/*",
    .change_table = change_table,
};
