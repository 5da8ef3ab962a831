#include "flawed/support/layer.h"

static volatile SOCKET spent = INVALID_SOCKET; /* the last socket with a cancelled WSPConnect */
static volatile char *volatile peer;           /* its peer's name, which went with the attempt */

static int WSPAPI connect_and_note(SOCKET s, const struct sockaddr *name, int length,
                                   LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                   LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        spent = s;
        peer = NULL;
    }
    return returned;
}

static int WSPAPI peer_name_of(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    int returned = reference.lpWSPGetPeerName(s, name, length, error);

    if (s == spent && *peer == 0) {
        return SOCKET_ERROR;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_note;
    table->lpWSPGetPeerName = peer_name_of;
}

const struct flaw flaw = {
    .requirement = "PCS-01",
    .what = "after a cancelled WSPConnect WSPGetPeerName follows a pointer that is gone",
    .caught_by = "cancel/leaves_a_socket_that_answers/connect_*",
    .change_table = change_table,
};
