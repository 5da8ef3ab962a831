#include "flawed/support/layer.h"

static bool is_datagram_socket(SOCKET s)
{
    int type = 0;
    int size = sizeof type;
    int ignored;

    return reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size, &ignored) == 0 &&
           type == SOCK_DGRAM;
}

/* Looks at the next datagram; on a blocking socket that waits for one. */
static bool is_cancelled_while_looking(SOCKET s)
{
    char byte;
    WSABUF buffer = {sizeof byte, &byte};
    DWORD received;
    DWORD flags = MSG_PEEK;
    int error;

    return reference.lpWSPRecv(s, &buffer, 1, &received, &flags, NULL, NULL, NULL, &error) != 0 &&
           error == WSAEINTR;
}

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    if (code == (DWORD)FIONREAD && is_datagram_socket(s) && is_cancelled_while_looking(s)) {
        *error = WSAEINTR;
        return SOCKET_ERROR;
    }
    return reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size, overlapped,
                                routine, thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = control;
}

const struct flaw flaw = {
    .requirement = "IOCTL-03",
    .what = "WSPIoctl with FIONREAD on a blocking datagram socket waits for a datagram",
    .caught_by = "ioctl/asks_without_waiting/idle_datagram_*",
    .change_table = change_table,
};
