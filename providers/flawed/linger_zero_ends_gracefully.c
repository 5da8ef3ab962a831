#include "flawed/support/layer.h"

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    const struct linger *linger = (const void *)value;

    if (level == SOL_SOCKET && option == SO_LINGER && linger->l_onoff != 0 &&
        linger->l_linger == 0) {
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
    .what = "a linger time of zero is taken for no linger at all: the close is graceful",
    .caught_by = "linger/decides_how_a_connection_ends/zero_*",
    .change_table = change_table,
};
