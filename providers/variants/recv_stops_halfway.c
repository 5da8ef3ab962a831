#include "variants/support/halves.h"

#include <stdlib.h>

static WSPPROC_TABLE beneath;

/*
 * The data waits in a ring, and a receive hands out what lies in one piece. Out-of-band data does
 * not wait there, and MSG_WAITALL collects from several pieces. An overlapped receive is the
 * transport's own.
 */
static WSABUF *piece_of(SOCKET s, const WSABUF *buffers, DWORD count, const DWORD *flags,
                        const WSAOVERLAPPED *overlapped)
{
    bool plain = overlapped == NULL && flags != NULL && (*flags & (MSG_OOB | MSG_WAITALL)) == 0;

    return plain && socket_is_stream(s) ? first_half(buffers, count) : NULL;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    WSABUF *piece = piece_of(s, buffers, count, flags, overlapped);
    int returned = beneath.lpWSPRecvFrom(s, piece != NULL ? piece : buffers, count, received, flags,
                                         from, length, overlapped, routine, thread, error);

    free(piece);
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    WSABUF *piece = piece_of(s, buffers, count, flags, overlapped);
    int returned = beneath.lpWSPRecv(s, piece != NULL ? piece : buffers, count, received, flags,
                                     overlapped, routine, thread, error);

    free(piece);
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
}

const struct variant variant = {
    .requirement = "STREAM-01",
    .why_allowed = "on a stream there is no guarantee that more than a single byte will be "
                   "returned, and a receive ends where internally buffered data is exhausted "
                   "(WSPRecv)",
    .touches = "cancel/ends_the_blocked_call/recv_ipv4 recv/*/ipv4* select/sockets_still_work/*",
    .change_table = change_table,
};
