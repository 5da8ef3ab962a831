#include "degenerate/support/every.h"

static struct answer answer(struct every_call call)
{
    return (struct answer){call.failure, WSAEINTR};
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    (void)version;
    return every_start(data, info, upcalls, table, answer);
}

const struct degenerate degenerate = {
    .kind = HOLLOW,
    .what = "every entry fails with WSAEINTR, as a cancelled call should",
    .verdict = "non-conforming",
    .start = start,
};
