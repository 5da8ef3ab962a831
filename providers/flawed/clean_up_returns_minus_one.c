#include "flawed/support/layer.h"

static int WSPAPI clean_up(LPINT error)
{
    reference.lpWSPCleanup(error);
    return SOCKET_ERROR;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "STARTUP-08",
    .what = "WSPCleanup does its work and returns SOCKET_ERROR",
    .caught_by = "startup/opens_closes_and_cleans_up",
    .change_table = change_table,
};
