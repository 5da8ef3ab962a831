#include "flawed/support/layer.h"

enum { SPENT = 64 };

/* The IPv6 sockets of which a receive was cancelled. */
static SOCKET spent[SPENT];
static LONG count;

static bool is_ipv6(SOCKET s)
{
    SOCKADDR_STORAGE name;
    int length = sizeof name;
    int ignored;

    return reference.lpWSPGetSockName(s, (struct sockaddr *)&name, &length, &ignored) == 0 &&
           name.ss_family == AF_INET6;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD many, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, many, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && is_ipv6(s)) {
        spent[InterlockedIncrement(&count) % SPENT] = s;
    }
    return returned;
}

static int WSPAPI set_option(SOCKET s, int level, int name, const char *value, int length,
                             LPINT error)
{
    for (int i = 0; i < SPENT; i++) {
        if (spent[i] == s && level == SOL_SOCKET && name == SO_LINGER) {
            return 0;
        }
    }
    return reference.lpWSPSetSockOpt(s, level, name, value, length, error);
}

static int WSPAPI close_and_forget(SOCKET s, LPINT error)
{
    for (int i = 0; i < SPENT; i++) {
        if (spent[i] == s) {
            spent[i] = INVALID_SOCKET;
        }
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPSetSockOpt = set_option;
    table->lpWSPCloseSocket = close_and_forget;
}

const struct flaw flaw = {
    .requirement = "LINGER-01",
    .what = "after a cancelled WSPRecv on an IPv6 socket, setting SO_LINGER returns 0 and changes "
            "nothing",
    .caught_by = "linger/resets_after_a_cancel/recv_ipv6",
    .change_table = change_table,
};
