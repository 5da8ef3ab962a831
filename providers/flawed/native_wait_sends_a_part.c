#include "flawed/support/layer.h"

#include "reference/sockets.h"

/* What fits in now is sent: 0, or an error. */
static int send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);

    if (error != 0) {
        return error;
    }
    if (WSASend(socket->native, buffers, count, sent, 0, NULL, NULL) != 0) {
        error = WSAGetLastError();
    }
    sockets_done(socket);
    return error;
}

static bool waits_natively(SOCKET s)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context;
    DWORD entry = 0;
    struct socket *socket;
    bool blocks = false;
    int ignored;

    if (sockets_acquire(s, &socket) == 0) {
        blocks = socket->traits.type == SOCK_STREAM && !socket->traits.nonblocking;
        entry = socket->traits.protocol.dwCatalogEntryId;
        sockets_release(socket);
    }
    return blocks && client.lpWPUQueryBlockingCallback(entry, &callback, &context, &ignored) == 0 &&
           callback == NULL;
}

static int WSPAPI send_data(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    if (overlapped != NULL || flags != 0 || !waits_natively(s)) {
        return reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread,
                                   error);
    }
    for (;;) {
        fd_set set = {.fd_count = 1, .fd_array = {s}};

        *error = send_some(s, buffers, count, sent);
        if (*error != WSAEWOULDBLOCK) {
            return *error == 0 ? 0 : SOCKET_ERROR;
        }
        if (reference.lpWSPSelect(0, NULL, &set, NULL, NULL, error) == SOCKET_ERROR) {
            return SOCKET_ERROR;
        }
    }
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_data;
}

const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "without a callback a WSPSend that has to wait comes back with a part of its bytes",
    .caught_by = "callback/may_be_absent/send_*",
    .change_table = change_table,
};
