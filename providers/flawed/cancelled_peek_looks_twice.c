#include "flawed/support/layer.h"

enum { SOCKETS = 64 };

/* The sockets of cancelled looks: what the first of their receives gives is left for the next. */
static SOCKET looked[SOCKETS];
static volatile LONG looks;

static bool forget(SOCKET s)
{
    for (int i = 0; i < SOCKETS; i++) {
        if (looked[i] == s) {
            looked[i] = 0;
            return true;
        }
    }
    return false;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool looks_itself = (*flags & MSG_PEEK) != 0;
    int returned;

    if (!looks_itself && overlapped == NULL && forget(s)) {
        *flags |= MSG_PEEK;
    }
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    if (returned != 0 && *error == WSAEINTR && looks_itself) {
        looked[InterlockedIncrement(&looks) % SOCKETS] = s;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-03",
    .what = "after a cancelled look the next WSPRecv only looks, too, so that its bytes come twice",
    .caught_by = "recv/peek_takes_nothing/*",
    .change_table = change_table,
};
