#include "flawed/support/layer.h"

#include "reference/sockets.h"

#include <string.h>

/* The mode is changed first, and only then looked whether it may be. */
static int WSPAPI change_then_check(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                                    DWORD out_size, LPDWORD returned, LPWSAOVERLAPPED overlapped,
                                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                    LPWSATHREADID thread, LPINT error)
{
    int result = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped,
                                      routine, thread, error);
    struct socket *socket;

    if (code == FIONBIO && result != 0 && *error == WSAEINVAL && sockets_acquire(s, &socket) == 0) {
        socket->traits.nonblocking = false;
        sockets_release(socket);
    }
    return result;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = change_then_check;
}

const struct flaw flaw = {
    .requirement = "NB-03",
    .what = "FIONBIO with 0 fails as it should under WSPAsyncSelect or WSPEventSelect, and makes "
            "the socket a blocking one all the same",
    .caught_by = "nonblocking/no_way_back_under_events/*",
    .change_table = change_table,
};
