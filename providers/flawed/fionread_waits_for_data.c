#include "flawed/support/layer.h"

/* How much there is to read is known when there is something. */
static int WSPAPI ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                        LPDWORD returned, LPWSAOVERLAPPED overlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                        LPINT error)
{
    if (code == (DWORD)FIONREAD && overlapped == NULL) {
        fd_set set = {.fd_count = 1, .fd_array = {s}};
        if (reference.lpWSPSelect(0, &set, NULL, NULL, NULL, error) == SOCKET_ERROR) {
            return SOCKET_ERROR;
        }
    }
    return reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine,
                                thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = ioctl;
}

const struct flaw flaw = {
    .requirement = "IOCTL-03",
    .what = "WSPIoctl with FIONREAD waits until there is something to read",
    .caught_by = "ioctl/asks_without_waiting/idle_stream_*",
    .change_table = change_table,
};
