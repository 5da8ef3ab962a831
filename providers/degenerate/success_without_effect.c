#include "degenerate/support/every.h"

#include <string.h>

static struct answer answer(struct every_call call)
{
    struct answer answer;

    if (!answers_for_handles(call, &answer)) {
        answer.value = strcmp(call.name, "WSPGetOverlappedResult") == 0;
    }
    return answer;
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    (void)version;
    return every_start(data, info, upcalls, table, answer);
}

const struct degenerate degenerate = {
    .kind = HOLLOW,
    .what = "sockets have handles from the upcalls, everything succeeds, and nothing is behind it",
    .verdict = "non-conforming",
    .start = start,
};
