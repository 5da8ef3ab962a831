#include "variants/support/variant.h"

#include "reference/sockets.h"

/*
 * A stack of small packets: a receive on a stream gives one byte, a nonblocking send takes one
 * packet; MSG_WAITALL is not known; no overlapped call is completed before it has returned as
 * pending; what is ready is listed last to first.
 */
enum { PACKET = 1400 };

static WSPPROC_TABLE beneath;

static bool has_room(const WSABUF *buffers, DWORD count, DWORD *first)
{
    *first = 0;
    while (buffers != NULL && *first < count && buffers[*first].len == 0) {
        ++*first;
    }
    return buffers != NULL && *first < count && buffers[*first].buf != NULL;
}

static bool is_overlapped(SOCKET handle, const WSAOVERLAPPED *overlapped)
{
    struct socket *socket;
    bool is = false;

    if (overlapped != NULL && sockets_acquire(handle, &socket) == 0) {
        is = socket->traits.overlapped;
        sockets_release(socket);
    }
    return is;
}

static bool is_nonblocking(SOCKET handle)
{
    struct socket *socket;
    bool is = false;

    if (sockets_acquire(handle, &socket) == 0) {
        is = socket->traits.nonblocking;
        sockets_release(socket);
    }
    return is;
}

/* It was completed at once, the client has been told, and the call says that it will be. */
static int as_pending(int returned, LPINT error)
{
    if (returned == 0) {
        *error = WSA_IO_PENDING;
        returned = SOCKET_ERROR;
    }
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    bool later = is_overlapped(s, overlapped);
    DWORD first;
    WSABUF one;
    DWORD *count_here = later ? NULL : received;
    DWORD flags_here = flags != NULL ? *flags : 0;
    int returned;

    if (socket_is_stream(s) && has_room(buffers, count, &first)) {
        one = (WSABUF){1, buffers[first].buf};
        buffers = &one;
        count = 1;
        flags_here &= ~(DWORD)MSG_WAITALL;
    }
    returned =
        beneath.lpWSPRecvFrom(s, buffers, count, count_here, flags != NULL ? &flags_here : NULL,
                              from, length, overlapped, routine, thread, error);
    if (later) {
        return as_pending(returned, error);
    }
    if (returned == 0 && flags != NULL) {
        *flags = flags_here;
    }
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    return receive_from(s, buffers, count, received, flags, NULL, NULL, overlapped, routine, thread,
                        error);
}

static int WSPAPI send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          const struct sockaddr *to, int length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    bool later = is_overlapped(s, overlapped);
    DWORD first;
    WSABUF one;
    int returned;

    if (!later && socket_is_stream(s) && is_nonblocking(s) && has_room(buffers, count, &first)) {
        one =
            (WSABUF){buffers[first].len < PACKET ? buffers[first].len : PACKET, buffers[first].buf};
        buffers = &one;
        count = 1;
    }
    returned = beneath.lpWSPSendTo(s, buffers, count, later ? NULL : sent, flags, to, length,
                                   overlapped, routine, thread, error);
    return later ? as_pending(returned, error) : returned;
}

static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    return send_to(s, buffers, count, sent, flags, NULL, 0, overlapped, routine, thread, error);
}

static int turn_round(struct call *call, int error)
{
    for (int i = 0; error == 0 && call->entry == ENTRY_WSPSelect && i < 3; i++) {
        fd_set *set = call->sets[i];
        SOCKET *handles = set != NULL ? set->fd_array : NULL;

        for (u_int low = 0; set != NULL && low < set->fd_count / 2; low++) {
            u_int high = set->fd_count - 1 - low;
            SOCKET handle = handles[low];

            handles[low] = handles[high];
            handles[high] = handle;
        }
    }
    return error;
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_some;
    table->lpWSPSendTo = send_to;
}

const struct variant variant = {
    .requirement = "RECV-01",
    .why_allowed = "any byte frees a receive on a stream, a nonblocking send may take a part, "
                   "MSG_WAITALL is not listed on the page of WSPRecv, an overlapped call may "
                   "always be pending, and a set has no order",
    .touches = "recv/* stream/* overlapped/* race/* select/*",
    .after = turn_round,
    .change_table = change_table,
};
