#include "flawed/support/layer.h"

enum { SOCKETS = 256 };

static struct birth {
    SOCKET socket;
    WSPUPCALLTABLE upcalls;
} births[SOCKETS];
static LONG born;

static __thread const struct birth *waiting;

static const struct birth *birth_of(SOCKET s)
{
    for (LONG i = born - 1; i >= 0; i--) {
        if (births[i].socket == s) {
            return &births[i];
        }
    }
    return NULL;
}

static SOCKET WSPAPI open_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info,
                                 GROUP group, DWORD flags, LPINT error)
{
    SOCKET s = reference.lpWSPSocket(family, type, protocol, info, group, flags, error);

    if (s != INVALID_SOCKET && born < SOCKETS) {
        births[born].socket = s;
        births[born].upcalls = client;
        InterlockedIncrement(&born);
    }
    return s;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    waiting = birth_of(s);
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    waiting = NULL;
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned;

    waiting = birth_of(s);
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length, overlapped,
                                       routine, thread, error);
    waiting = NULL;
    return returned;
}

static SOCKET WSPAPI take(SOCKET s, struct sockaddr *address, LPINT length,
                          LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted;

    waiting = birth_of(s);
    accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    waiting = NULL;
    return accepted;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    const WSPUPCALLTABLE *upcalls = waiting != NULL ? &waiting->upcalls : &client;

    return upcalls->lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSocket = open_socket;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPAccept = take;
}

const struct flaw flaw = {
    .requirement = "STARTUP-05",
    .what = "a socket asks for the blocking callback through the upcall table that was the newest "
            "when it was made",
    .caught_by = "startup/latest_upcalls_are_used/recv_on_an_earlier_*"
                 " startup/latest_upcalls_are_used/recvfrom_*"
                 " startup/latest_upcalls_are_used/accept_on_an_earlier_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
