#include "flawed/support/layer.h"

#include <string.h>

enum { SOCKETS = 64 };

/* Whom a socket has heard of last. */
static struct known {
    SOCKET socket;
    SOCKADDR_STORAGE sender;
    int length;
    bool cancelled;
} known[SOCKETS];

static struct known *find(SOCKET s)
{
    struct known *unused = &known[0];

    for (int i = 0; i < SOCKETS; i++) {
        if (known[i].socket == s) {
            return &known[i];
        }
        unused = known[i].socket == 0 ? &known[i] : unused;
    }
    *unused = (struct known){.socket = s};
    return unused;
}

/* The sender is remembered from one call to the next, and a cancel does not forget him. */
static void name_sender(struct known *socket, struct sockaddr *from, int *length)
{
    if (socket->cancelled && socket->length > 0 && socket->length <= *length) {
        memcpy(from, &socket->sender, (size_t)socket->length);
        *length = socket->length;
    } else {
        memcpy(&socket->sender, from, (size_t)*length);
        socket->length = *length;
    }
    socket->cancelled = false;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR) {
        find(s)->cancelled = true;
    } else if (returned == 0 && overlapped == NULL && from != NULL &&
               *length <= (int)sizeof(SOCKADDR_STORAGE)) {
        name_sender(find(s), from, length);
    }
    return returned;
}

static int WSPAPI close_forgets(SOCKET s, LPINT error)
{
    *find(s) = (struct known){0};
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPCloseSocket = close_forgets;
}

const struct flaw flaw = {
    .requirement = "RECVFROM-02",
    .what = "the first datagram after a cancelled WSPRecvFrom names the sender of the one before",
    .caught_by = "recvfrom/names_the_right_sender/*",
    .change_table = change_table,
};
