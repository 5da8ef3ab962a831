#include "degenerate/support/every.h"

#include <stdlib.h>

/* The same for every process, so that a run can be repeated; another seed is for whoever asks. */
static unsigned draw(unsigned sides)
{
    static volatile LONG state;
    char seed[16];
    LONG drawn;

    if (state == 0) {
        DWORD length = GetEnvironmentVariableA("RANDOM_RESULTS_SEED", seed, sizeof seed);
        InterlockedCompareExchange(
            &state, length > 0 && length < sizeof seed ? strtol(seed, NULL, 10) | 1 : 20260101, 0);
    }
    drawn = InterlockedExchangeAdd(&state, 0x3C6EF35F);
    return ((unsigned)drawn * 1664525U >> 16) % sides;
}

static struct answer answer(struct every_call call)
{
    static const int errors[] = {WSAEINTR,    WSAEINVAL,   WSAEWOULDBLOCK,  WSAENOTSOCK,
                                 WSAENOTCONN, WSAEISCONN,  WSAECONNABORTED, WSAECONNRESET,
                                 WSAENETDOWN, WSAEMSGSIZE, WSAEOPNOTSUPP,   WSAETIMEDOUT};
    struct answer answer = {0, 0};

    if (draw(2) == 0) {
        answer.value = call.failure;
        answer.error = errors[draw(ARRAYSIZE(errors))];
    } else {
        answers_for_handles(call, &answer);
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
    .what =
        "every entry draws its result: success, or one of the likely errors; sockets have handles",
    .verdict = "non-conforming",
    .start = start,
};
