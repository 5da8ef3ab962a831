#include "flawed/support/layer.h"

enum { INVENTED = 4 };

static volatile SOCKET spent = INVALID_SOCKET; /* the last socket with a cancelled WSPRecv */

/* The cancelled call's buffer is taken for data that was received and not yet handed out. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    if (s == spent && buffers[0].len >= INVENTED) {
        spent = INVALID_SOCKET;
        ZeroMemory(buffers[0].buf, INVENTED);
        *received = INVENTED;
        return 0;
    }
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        spent = s;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "PCS-01",
    .what = "after a cancelled WSPRecv the next one on that socket gives bytes that nobody sent",
    .caught_by = "cancel/leaves_a_socket_that_answers/recv_*",
    .change_table = change_table,
};
