#include "flawed/support/layer.h"

#include "reference/sockets.h"

/* The send that was cancelled last. */
static SOCKET unsent = INVALID_SOCKET;
static WSABUF rest;

static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        unsent = s;
        rest = buffers[count - 1];
    }
    return returned;
}

/* A graceful close has all go out that there is to send. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    struct socket *socket;
    DWORD sent = 0;

    if (s == unsent && sockets_use(s, &socket) == 0) {
        WSASend(socket->native, &rest, 1, &sent, 0, NULL, NULL);
        sockets_done(socket);
        unsent = INVALID_SOCKET;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_some;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "SEND-03",
    .what = "WSPCloseSocket sends what is left of a cancelled WSPSend, from a buffer that is the "
            "client's again",
    .caught_by = "send/leaves_its_memory_alone/*",
    .change_table = change_table,
};
