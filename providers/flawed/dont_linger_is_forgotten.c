#include "flawed/support/layer.h"

/* SO_LINGER off and SO_DONTLINGER are taken for two options, of which only the first counts. */
static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    if (level == SOL_SOCKET && option == SO_DONTLINGER) {
        return 0;
    }
    return reference.lpWSPSetSockOpt(s, level, option, value, size, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSetSockOpt = set_option;
}

const struct flaw flaw = {
    .requirement = "LINGER-03",
    .what = "SO_DONTLINGER is taken and does not take a linger time of zero back",
    .caught_by = "linger/decides_how_a_connection_ends/dont_linger_ipv4",
    .change_table = change_table,
};
