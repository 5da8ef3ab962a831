#include "flawed/support/layer.h"

static int WSPAPI ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                        LPDWORD returned, LPWSAOVERLAPPED overlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                        LPINT error)
{
    int result = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped,
                                      routine, thread, error);

    if (result == SOCKET_ERROR && *error == WSAEINTR) {
        *error = WSA_OPERATION_ABORTED;
    }
    return result;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = ioctl;
}

const struct flaw flaw = {
    .requirement = "IOCTL-01",
    .what = "a cancelled WSPIoctl fails with WSA_OPERATION_ABORTED",
    .caught_by = "ioctl/ends_when_cancelled/address_list_change_*",
    .change_table = change_table,
};
