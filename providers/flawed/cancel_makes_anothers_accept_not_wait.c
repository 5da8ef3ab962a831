#include "flawed/support/layer.h"
#include "flawed/support/readable.h"

enum { LISTENERS = 64 };

static struct {
    SOCKET socket;
    DWORD thread; /* whose cancel has left its mark there; 0 for none */
} marks[LISTENERS];

static void mark(SOCKET s, DWORD thread)
{
    for (int i = 0; i < LISTENERS; i++) {
        if (marks[i].thread == 0 || marks[i].socket == s) {
            marks[i].socket = s;
            marks[i].thread = thread;
            return;
        }
    }
}

/* The thread that has left a mark on the listener, which goes away with this; or 0. */
static DWORD unmark(SOCKET s)
{
    for (int i = 0; i < LISTENERS; i++) {
        if (marks[i].thread != 0 && marks[i].socket == s) {
            DWORD thread = marks[i].thread;
            marks[i].thread = 0;
            return thread;
        }
    }
    return 0;
}

static SOCKET WSPAPI accept_marked(SOCKET s, struct sockaddr *address, LPINT length,
                                   LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    DWORD thread = unmark(s);
    SOCKET accepted;

    if (thread != 0 && thread != GetCurrentThreadId() && !is_readable(s)) {
        *error = WSAEWOULDBLOCK;
        return INVALID_SOCKET;
    }
    accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        mark(s, GetCurrentThreadId());
    }
    return accepted;
}

static int WSPAPI close_unmarks(SOCKET s, LPINT error)
{
    unmark(s);
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_marked;
    table->lpWSPCloseSocket = close_unmarks;
}

const struct flaw flaw = {
    .requirement = "STICKY-05",
    .what = "after a cancelled WSPAccept, that of another thread on the listener does not wait",
    .caught_by = "sticky/cancel_spares_the_call_of_another/accept_*",
    .change_table = change_table,
};
