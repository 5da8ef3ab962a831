#include "flawed/support/layer.h"

#include <ws2tcpip.h>

#include <string.h>

/* The sender's address passes through a struct sockaddr, which is too short for IPv6. */
static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (returned == 0 && from != NULL && *length > (int)sizeof *from) {
        memset((char *)from + sizeof *from, 0, (size_t)*length - sizeof *from);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "RECVFROM-02",
    .what = "of the address of a datagram's sender only the first 16 bytes are handed over",
    .caught_by = "recvfrom/names_the_right_sender/ipv6",
    .change_table = change_table,
};
