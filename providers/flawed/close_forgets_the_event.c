#include "flawed/support/pending.h"

static WSAOVERLAPPED *pending; /* the operation that was begun last */

static void remember(WSAOVERLAPPED *overlapped)
{
    pending = overlapped;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    if (pending != NULL && pending->Internal == WSS_OPERATION_IN_PROGRESS) {
        pending->hEvent = NULL;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_pending_calls(table, remember);
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "CLOSE-02",
    .what = "WSPCloseSocket ends a pending operation and does not set its event",
    .caught_by = "close/ends_overlapped_calls/*_by_event_*",
    .change_table = change_table,
};
