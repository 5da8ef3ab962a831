#include "flawed/support/layer.h"

#include "reference/sockets.h"

/* The socket on which the thread began an overlapped receive last. */
static __thread SOCKET begun = INVALID_SOCKET;

/* As CancelIo does it, which asks for a thread's operations and not for one of them. */
static void call_off(SOCKET s)
{
    struct socket *socket;

    if (s != INVALID_SOCKET && sockets_use(s, &socket) == 0) {
        CancelIoEx((HANDLE)socket->native, NULL);
        sockets_done(socket);
    }
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (overlapped != NULL) {
        begun = s;
    } else if (returned != 0 && *error == WSAEINTR && s != begun) {
        call_off(begun);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "OVL-01",
    .what = "a cancelled WSPRecv calls off the overlapped ones of its thread on other sockets",
    .caught_by = "overlapped/survives_a_cancelled_call/recv_beside_recv_by_*",
    .change_table = change_table,
};
