#include "flawed/support/layer.h"

enum { PLACES = 64 };

/* Two flags for one matter, of which the one for SO_DONTLINGER is looked at first. */
static SOCKET graceful[PLACES];
static SRWLOCK lock = SRWLOCK_INIT;

static bool replace(SOCKET s, SOCKET by)
{
    bool found = false;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < PLACES && !found; i++) {
        if (graceful[i] == s) {
            graceful[i] = by;
            found = true;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return found;
}

static int WSPAPI set_option(SOCKET s, int level, int name, const char *value, int size,
                             LPINT error)
{
    int returned = reference.lpWSPSetSockOpt(s, level, name, value, size, error);

    if (returned == 0 && level == SOL_SOCKET && name == SO_DONTLINGER) {
        replace(s, 0);
        if (*(const BOOL *)(const void *)value) {
            replace(0, s);
        }
    }
    return returned;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    const struct linger none = {0, 0};
    int ignored;

    if (replace(s, 0)) {
        reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&none, sizeof none,
                                  &ignored);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSetSockOpt = set_option;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "LINGER-03",
    .what = "a linger time of zero that is set after SO_DONTLINGER resets nothing",
    .caught_by = "linger/decides_how_a_connection_ends/zero_after_dont_linger_ipv4",
    .change_table = change_table,
};
