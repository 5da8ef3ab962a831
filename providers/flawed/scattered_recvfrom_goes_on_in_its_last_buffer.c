#include "flawed/support/layer.h"

#include <string.h>

/* Of a cancelled receive into several buffers, all but the last are taken off the socket. */
static SOCKET waits_on = INVALID_SOCKET;
static WSABUF last;

static void fill_the_last(const WSABUF *datagram, DWORD received)
{
    memcpy(last.buf, datagram->buf, min(min(received, datagram->len), last.len));
    waits_on = INVALID_SOCKET;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && count > 1) {
        waits_on = s;
        last = buffers[count - 1];
    } else if (returned == 0 && s == waits_on) {
        fill_the_last(&buffers[0], *received);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "RECVFROM-03",
    .what = "what comes after a cancelled WSPRecvFrom into several buffers is still written into "
            "the last of them",
    .caught_by = "recvfrom/leaves_its_memory_alone/many_buffers_ipv4",
    .change_table = change_table,
};
