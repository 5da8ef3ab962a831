#include "flawed/support/nested.h"

/* The socket is busy, and so are its options: what they are is not looked up. */
static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    int returned = reference.lpWSPGetSockOpt(s, level, option, value, size, error);

    if (returned == 0 && is_in_callback() && *size >= (int)sizeof(int)) {
        *(int *)(void *)value = 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPGetSockOpt = get_option;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-04",
    .what = "WSPGetSockOpt in the blocking callback returns 0 and gives 0",
    .caught_by = "nested/what_never_waits_works/*",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
