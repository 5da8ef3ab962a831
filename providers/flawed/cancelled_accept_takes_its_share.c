#include "flawed/support/layer.h"

/* How many threads wait in WSPAccept, and connections that those owe which were cancelled. */
static volatile LONG waiting;
static volatile LONG owed;

/* A cancelled accept keeps its place in the queue: the next connection is for nobody. */
static SOCKET WSPAPI accept_in_turn(SOCKET s, struct sockaddr *address, LPINT length,
                                    LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted;
    bool alone;

    InterlockedIncrement(&waiting);
    accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    while (accepted != INVALID_SOCKET && owed > 0) {
        int ignored;
        InterlockedDecrement(&owed);
        reference.lpWSPCloseSocket(accepted, &ignored);
        accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    }
    alone = InterlockedDecrement(&waiting) == 0;
    if (accepted == INVALID_SOCKET && *error == WSAEINTR && !alone) {
        InterlockedIncrement(&owed);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_in_turn;
}

const struct flaw flaw = {
    .requirement = "THR-03",
    .what =
        "where two threads accept, the connection that comes after one was cancelled is dropped",
    .caught_by = "thread/cancel_on_a_shared_socket/accept_first_ipv6",
    .change_table = change_table,
};
