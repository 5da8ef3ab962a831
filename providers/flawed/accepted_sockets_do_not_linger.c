#include "flawed/support/layer.h"

enum { SOCKETS_MAX = 64 };

static SOCKET accepted[SOCKETS_MAX];
static volatile LONG count;

static bool was_accepted(SOCKET s)
{
    for (LONG i = 0; i < count && i < SOCKETS_MAX; i++) {
        if (accepted[i] == s) {
            return true;
        }
    }
    return false;
}

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET made = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (made != INVALID_SOCKET && count < SOCKETS_MAX) {
        accepted[InterlockedIncrement(&count) - 1] = made;
    }
    return made;
}

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    if (level == SOL_SOCKET && option == SO_LINGER && was_accepted(s)) {
        return 0;
    }
    return reference.lpWSPSetSockOpt(s, level, option, value, size, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
    table->lpWSPSetSockOpt = set_option;
}

const struct flaw flaw = {
    .requirement = "LINGER-03",
    .what = "SO_LINGER is taken and has no effect on sockets that WSPAccept has made",
    .caught_by = "linger/decides_how_a_connection_ends/accepted_zero_ipv4",
    .change_table = change_table,
};
