#include "flawed/support/layer.h"

#include <string.h>

/* What was cancelled last: its memory is tidied up with the next receive of any socket. */
static void *volatile output;
static DWORD size_of_output;

static int WSPAPI ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                        LPDWORD returned, LPWSAOVERLAPPED overlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                        LPINT error)
{
    int result = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped,
                                      routine, thread, error);

    if (result == SOCKET_ERROR && *error == WSAEINTR) {
        size_of_output = out_size;
        output = out;
    }
    return result;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    void *late = InterlockedExchangePointer(&output, NULL);

    if (late != NULL) {
        memset(late, 0, size_of_output);
    }
    return reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length, overlapped,
                                   routine, thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = ioctl;
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "IOCTL-02",
    .what = "the output buffer of a cancelled WSPIoctl is cleared when the client has it back",
    .caught_by = "ioctl/leaves_its_memory_alone/*",
    .change_table = change_table,
};
