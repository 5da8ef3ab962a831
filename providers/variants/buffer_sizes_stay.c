#include "variants/support/variant.h"

static WSPPROC_TABLE beneath;

/* Asking for the size instead fails where setting it would: no socket, an aborted one. */
static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    bool is_size = level == SOL_SOCKET && (option == SO_SNDBUF || option == SO_RCVBUF);
    int present;
    int present_size = sizeof present;

    if (!is_size || value == NULL || size < (int)sizeof present) {
        return beneath.lpWSPSetSockOpt(s, level, option, value, size, error);
    }
    return beneath.lpWSPGetSockOpt(s, level, option, (char *)&present, &present_size, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPSetSockOpt = set_option;
}

const struct variant variant = {
    .requirement = "SEND-01",
    .why_allowed = "a call for another buffer size can succeed even if the whole amount requested "
                   "was not provided, and a client has to ask for the size that was (getsockopt, "
                   "SO_RCVBUF and SO_SNDBUF)",
    .touches = "cancel/ends_the_blocked_call/* close/*",
    .change_table = change_table,
};
