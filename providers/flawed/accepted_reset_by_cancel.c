#include "flawed/support/layer.h"

enum { ACCEPTED_MAX = 16 };

static SOCKET given[ACCEPTED_MAX];
static int given_count;

static SOCKET WSPAPI accept_and_end_others(SOCKET listener, struct sockaddr *address, LPINT length,
                                           LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(listener, address, length, condition, data, error);
    int ignored;

    if (accepted != INVALID_SOCKET && given_count < ACCEPTED_MAX) {
        given[given_count++] = accepted;
    }
    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        while (given_count > 0) {
            reference.lpWSPShutdown(given[--given_count], SD_BOTH, &ignored);
        }
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_and_end_others;
}

const struct flaw flaw = {
    .requirement = "ACCEPT-12",
    .what = "a cancelled WSPAccept ends the connections that were accepted before",
    .caught_by = "accept/earlier_connections_are_unharmed/*",
    .change_table = change_table,
};
