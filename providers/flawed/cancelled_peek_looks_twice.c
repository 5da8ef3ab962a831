#include "flawed/support/layer.h"

enum { SOCKETS = 64 };

/* The sockets of cancelled looks: what the first of their receives gives is left for the next. */
static SOCKET looked[SOCKETS];
static volatile LONG looks;

/* Where it is remembered that a look at this socket was cancelled, or NULL. */
static SOCKET *memory_of(SOCKET s)
{
    for (int i = 0; i < SOCKETS; i++) {
        if (looked[i] == s) {
            return &looked[i];
        }
    }
    return NULL;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool looks_itself = (*flags & MSG_PEEK) != 0;
    SOCKET *memory = looks_itself || overlapped != NULL ? NULL : memory_of(s);
    int returned;

    if (memory != NULL) {
        *flags |= MSG_PEEK;
    }
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    if (memory != NULL && returned == 0) {
        *memory = 0;
    }
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
