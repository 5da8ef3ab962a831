#include "flawed/support/last_clean_up.h"

enum { SOCKETS_MAX = 64 };

static struct {
    SOCKET handle;
    bool accepted;
} sockets[SOCKETS_MAX];
static unsigned owed;
static bool (*is_forgotten)(SOCKET s);

static void remember(SOCKET s, bool accepted)
{
    for (int i = 0; s != INVALID_SOCKET && i < SOCKETS_MAX; i++) {
        if (sockets[i].handle == 0) {
            sockets[i].handle = s;
            sockets[i].accepted = accepted;
            return;
        }
    }
}

bool is_accepted(SOCKET s)
{
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (sockets[i].handle == s) {
            return sockets[i].accepted;
        }
    }
    return false;
}

static SOCKET WSPAPI make_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info,
                                 GROUP group, DWORD flags, LPINT error)
{
    SOCKET made = reference.lpWSPSocket(family, type, protocol, info, group, flags, error);

    remember(made, false);
    return made;
}

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    remember(accepted, true);
    return accepted;
}

static int WSPAPI close_one(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);

    for (int i = 0; returned == 0 && i < SOCKETS_MAX; i++) {
        if (sockets[i].handle == s) {
            sockets[i].handle = 0;
        }
    }
    return returned;
}

static void reset(SOCKET s)
{
    const struct linger hard = {1, 0};
    int error;

    reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard, &error);
    reference.lpWSPCloseSocket(s, &error);
}

static int WSPAPI clean_up(LPINT error)
{
    if (owed == 0) {
        *error = WSANOTINITIALISED;
        return SOCKET_ERROR;
    }
    if (--owed > 0) {
        return reference.lpWSPCleanup(error);
    }
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (sockets[i].handle != 0 && !is_forgotten(sockets[i].handle)) {
            reset(sockets[i].handle);
        }
        sockets[i].handle = 0;
    }
    return 0;
}

void make_the_last_clean_up(WSPPROC_TABLE *table, bool (*forgets)(SOCKET s))
{
    is_forgotten = forgets;
    owed++;
    table->lpWSPSocket = make_socket;
    table->lpWSPAccept = accept_one;
    table->lpWSPCloseSocket = close_one;
    table->lpWSPCleanup = clean_up;
}
