#include "flawed/support/nested.h"

/* Bytes of the datagram that this thread took last in a callback; 0 if none since. */
static __thread DWORD nested_bytes;

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    if (returned == 0 && overlapped == NULL && is_in_callback()) {
        nested_bytes = *received;
    }
    return returned;
}

/* The count of a receive is kept for each thread rather than for each call. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool outer = !is_in_callback();
    int returned;

    if (outer) {
        nested_bytes = 0;
    }
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    if (outer && returned == 0 && overlapped == NULL && nested_bytes != 0 &&
        nested_bytes <= buffers[0].len) {
        *received = nested_bytes;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "REENT-03",
    .what = "a datagram received in the callback of a WSPRecv decides which count that reports",
    .caught_by = "nested/blocked_call_is_unharmed/recv_beside_datagrams_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
