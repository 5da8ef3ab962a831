#include "flawed/support/layer.h"

enum { SPENT = 64 };

/* The sockets whose connect was cancelled. */
static SOCKET spent[SPENT];
static LONG count;

static int WSPAPI connect_and_remember(SOCKET s, const struct sockaddr *name, int length,
                                       LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                       LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned != 0 && *error == WSAEINTR) {
        spent[InterlockedIncrement(&count) % SPENT] = s;
    }
    return returned;
}

static int WSPAPI close_others(SOCKET s, LPINT error)
{
    for (int i = 0; i < SPENT; i++) {
        if (spent[i] == s) {
            return 0;
        }
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_remember;
    table->lpWSPCloseSocket = close_others;
}

const struct flaw flaw = {
    .requirement = "PCS-03",
    .what = "WSPCloseSocket of a socket whose WSPConnect was cancelled returns 0 and never gives "
            "the handle back",
    .caught_by = "close/gives_the_handle_up/connect_*",
    .change_table = change_table,
};
