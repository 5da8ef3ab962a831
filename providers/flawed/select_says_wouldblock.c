#include "flawed/support/layer.h"

static SOCKET nonblocking = INVALID_SOCKET;

/* Remembers the last socket that was made non-blocking. */
static int WSPAPI ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                        LPDWORD returned, LPWSAOVERLAPPED overlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                        LPINT error)
{
    if (code == (DWORD)FIONBIO) {
        nonblocking = *(u_long *)in != 0 ? s : INVALID_SOCKET;
    }
    return reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine,
                                thread, error);
}

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    for (u_int i = 0; ready == SOCKET_ERROR && read != NULL && i < read->fd_count; i++) {
        if (*error == WSAEINTR && read->fd_array[i] == nonblocking) {
            *error = WSAEWOULDBLOCK;
        }
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = ioctl;
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "SELECT-08",
    .what = "a cancelled WSPSelect fails with WSAEWOULDBLOCK if one of its sockets is non-blocking",
    .caught_by = "select/nonblocking_members/ipv*",
    .change_table = change_table,
};
