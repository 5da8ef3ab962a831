#include "degenerate/support/every.h"

static struct answer answer(struct every_call call)
{
    (void)call;
    return (struct answer){0, 0};
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    (void)version;
    return every_start(data, info, upcalls, table, answer);
}

const struct degenerate degenerate = {
    .kind = HOLLOW,
    .what = "every entry returns 0, a socket included, and does nothing",
    .verdict = "non-conforming",
    .start = start,
};
