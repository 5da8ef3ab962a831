#include "variants/support/halves.h"

#include <stdlib.h>

#include "reference/sockets.h"

static WSPPROC_TABLE beneath;

static bool is_nonblocking_stream(SOCKET handle)
{
    struct socket *socket;
    bool found = false;

    if (sockets_acquire(handle, &socket) == 0) {
        found = socket->traits.type == SOCK_STREAM && socket->traits.nonblocking;
        sockets_release(socket);
    }
    return found;
}

/* The urgent byte is the last one of its call, which therefore goes whole. */
static WSABUF *taken_of(SOCKET s, const WSABUF *buffers, DWORD count, DWORD flags,
                        const WSAOVERLAPPED *overlapped)
{
    bool plain = overlapped == NULL && (flags & MSG_OOB) == 0;

    return plain && is_nonblocking_stream(s) ? first_half(buffers, count) : NULL;
}

static int WSPAPI send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          const struct sockaddr *to, int length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    WSABUF *taken = taken_of(s, buffers, count, flags, overlapped);
    int returned = beneath.lpWSPSendTo(s, taken != NULL ? taken : buffers, count, sent, flags, to,
                                       length, overlapped, routine, thread, error);

    free(taken);
    return returned;
}

static int WSPAPI send_bytes(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                             LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    WSABUF *taken = taken_of(s, buffers, count, flags, overlapped);
    int returned = beneath.lpWSPSend(s, taken != NULL ? taken : buffers, count, sent, flags,
                                     overlapped, routine, thread, error);

    free(taken);
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPSend = send_bytes;
    table->lpWSPSendTo = send_to;
}

const struct variant variant = {
    .requirement = "NB-01",
    .why_allowed =
        "a nonblocking stream takes what its transport's buffer has space for, which may "
        "be only part of the supplied buffers (WSPSend), down to 1 byte (WSASend); how "
        "much space there is, no text says",
    .touches = "select/sockets_still_work/ipv4 close/*",
    .change_table = change_table,
};
