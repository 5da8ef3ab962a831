#include "flawed/support/nonblocking.h"

enum { SOCKETS_MAX = 64 };

static SOCKET nonblocking[SOCKETS_MAX];

/* The place of the socket, or the first free one; the last one if there is none. */
static SOCKET *place_of(SOCKET s)
{
    for (int i = 0; i < SOCKETS_MAX - 1; i++) {
        if (nonblocking[i] == s) {
            return &nonblocking[i];
        }
    }
    for (int i = 0; i < SOCKETS_MAX - 1; i++) {
        if (nonblocking[i] == 0) {
            return &nonblocking[i];
        }
    }
    return &nonblocking[SOCKETS_MAX - 1];
}

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size,
                                        overlapped, routine, thread, error);

    if (returned == 0 && code == (DWORD)FIONBIO) {
        *place_of(s) = *(const u_long *)in != 0 ? s : 0;
    }
    return returned;
}

bool is_nonblocking(SOCKET s)
{
    return *place_of(s) == s;
}

void watch_nonblocking(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = control;
}
