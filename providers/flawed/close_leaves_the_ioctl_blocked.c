#include "flawed/support/layer.h"

static int WSPAPI control(SOCKET s, DWORD code, LPVOID input, DWORD input_size, LPVOID output,
                          DWORD output_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = reference.lpWSPIoctl(s, code, input, input_size, output, output_size,
                                        returned_size, overlapped, routine, thread, error);

    while (returned != 0 && code == (DWORD)SIO_ADDRESS_LIST_CHANGE &&
           (*error == WSAENOTSOCK || *error == WSAECONNABORTED)) {
        Sleep(INFINITE);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = control;
}

const struct flaw flaw = {
    .requirement = "CLOSE-01",
    .what = "WSPCloseSocket does not end a WSPIoctl that waits on the socket",
    .caught_by = "close/ends_the_call_of_another_thread/ioctl_*",
    .change_table = change_table,
};
