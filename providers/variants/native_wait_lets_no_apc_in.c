#include "variants/support/variant.h"

#include "reference/sockets.h"

enum { POLL_MS = 5 };

static WSPPROC_TABLE below;

/* In blocking mode, and with no time-out that would have to be kept. */
static bool waits_for_good(SOCKET s)
{
    struct socket *socket;
    DWORD timeout = 0;
    int size = (int)sizeof timeout;
    int ignored;
    bool is_blocking = false;

    if (sockets_acquire(s, &socket) == 0) {
        is_blocking = !socket->traits.nonblocking;
        sockets_release(socket);
    }
    return is_blocking &&
           reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout, &size,
                                     &ignored) == 0 &&
           timeout == 0;
}

static bool has_no_callback(SOCKET s)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context;
    int ignored;

    return client.lpWPUQueryBlockingCallback(catalog_of_socket(s), &callback, &context, &ignored) ==
               0 &&
           callback == NULL;
}

/* Until there is something, or the socket is none any more. */
static void poll_until_readable(SOCKET s)
{
    int ready = 0;

    while (ready == 0) {
        fd_set set = {.fd_count = 1, .fd_array = {s}};
        struct timeval now = {0, 0};
        int ignored;

        ready = reference.lpWSPSelect(0, &set, NULL, NULL, &now, &ignored);
        if (ready == 0) {
            Sleep(POLL_MS);
        }
    }
}

/* On another socket the call fails at once. */
static bool is_connected(SOCKET s)
{
    struct sockaddr_storage name;
    int length = (int)sizeof name;
    int ignored;

    return reference.lpWSPGetPeerName(s, (struct sockaddr *)&name, &length, &ignored) == 0;
}

static bool listens(SOCKET s)
{
    BOOL is_listening = FALSE;
    int size = (int)sizeof is_listening;
    int ignored;

    return reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_ACCEPTCONN, (char *)&is_listening, &size,
                                     &ignored) == 0 &&
           is_listening;
}

static void wait_natively(SOCKET s, bool can_wait)
{
    if (can_wait && waits_for_good(s) && has_no_callback(s)) {
        poll_until_readable(s);
    }
}

static SOCKET WSPAPI accept_polls(SOCKET s, struct sockaddr *address, LPINT length,
                                  LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    wait_natively(s, listens(s));
    return below.lpWSPAccept(s, address, length, condition, data, error);
}

static int WSPAPI recv_polls(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                             LPDWORD flags, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                             LPINT error)
{
    wait_natively(s, overlapped == NULL && *flags == 0 && is_connected(s));
    return below.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    below = *table;
    table->lpWSPAccept = accept_polls;
    table->lpWSPRecv = recv_polls;
}

const struct variant variant = {
    .requirement = "CBC-23",
    .why_allowed = "nothing says that a native wait is alertable; an APC then runs after the call",
    .touches = "cancel/in_an_apc/accept_ipv4 cancel/in_an_apc/recv_* "
               "callback/may_be_absent/recv_ipv4",
    .change_table = change_table,
};
