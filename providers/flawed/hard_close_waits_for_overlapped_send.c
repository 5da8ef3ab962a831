#include "flawed/support/call_back.h"

#include "reference/sockets.h"

enum { LONGEST_MS = 3000 };

/* A close first lets the overlapped operations come to their end. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    struct linger linger = linger_of(s);
    struct socket *socket;
    ULONGLONG until = GetTickCount64() + LONGEST_MS;

    if (linger.l_onoff != 0 && linger.l_linger == 0 && has_unsent_data(s) &&
        sockets_acquire(s, &socket) == 0) {
        while (*(volatile unsigned *)&socket->operations != 0 && GetTickCount64() < until) {
            Sleep(10);
        }
        sockets_release(socket);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "LINGER-02",
    .what = "WSPCloseSocket under a linger time of zero waits for an overlapped WSPSend that is "
            "pending",
    .caught_by = "linger/zero_closes_at_once/overlapped_ipv4",
    .change_table = change_table,
};
