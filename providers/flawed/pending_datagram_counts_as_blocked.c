#include "flawed/support/layer.h"

/* Of the overlapped receive that this thread has left pending last. */
static __thread WSAOVERLAPPED *pending;
static __thread SOCKET pending_on;

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSA_IO_PENDING) {
        pending = overlapped;
        pending_on = s;
    }
    return returned;
}

static BOOL WSPAPI overlapped_result(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD bytes, BOOL wait,
                                     LPDWORD flags, LPINT error)
{
    BOOL done = reference.lpWSPGetOverlappedResult(s, overlapped, bytes, wait, flags, error);

    if (overlapped == pending && (done || *error != WSA_IO_INCOMPLETE)) {
        pending = NULL;
    }
    return done;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    if (s == pending_on) {
        pending = NULL;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    return returned == SOCKET_ERROR && *error == WSAEINVAL && pending != NULL ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPGetOverlappedResult = overlapped_result;
    table->lpWSPCloseSocket = close_socket;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-12",
    .what = "a cancel succeeds while the thread has an overlapped WSPRecvFrom pending",
    .caught_by = "overlapped/pending_call_cannot_be_cancelled/recvfrom_*",
    .change_table = change_table,
};
