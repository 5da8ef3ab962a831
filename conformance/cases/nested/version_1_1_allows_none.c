#include "harness/case.h"
#include "harness/others.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "startup/starts " RESTS_ON_RELEASED(call)                                      \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    {.name = NULL},
};

/*
 * The demand is made of a provider that has settled on version 1.1. Nearly all refuse it, or settle
 * on what they have; of those it is not made.
 */
static void start_for_version_1_1(struct entry *entry)
{
    const WORD oldest = MAKEWORD(1, 1);
    bool settled = !provider_startup(entry, oldest).failed && entry->data.wVersion == oldest;

    require_that(OFFERED, settled, "WSPStartup for version 1.1", "it settles on that",
                 "it refuses it, or settles on another");
    prove(PROOF_STARTED, "WSPStartup has settled on version 1.1");
}

static BOOL makes_others(struct callback_turn *turn)
{
    make_others(turn->argument);
    return TRUE;
}

/*
 * REENT-05 (blocking hook overview; Windows Sockets 1.1): a task of version 1.1 has one call
 * outstanding at most, so whatever it calls in the blocking callback is refused.
 */
static void version_1_1_allows_none(const struct case_row *row)
{
    /* A provider of version 1.1, a socket on which the call can only wait, and another one. */
    int type = row->function == SPI_WSPRecvFrom ? SOCK_DGRAM : SOCK_STREAM;
    struct stage *stage;
    struct others *others;
    struct blocked_call *call;

    start_for_version_1_1(provider_entry(entry_for(row->family, type)));
    stage = arrange_blocked(row->function, row->family);
    others = arrange_others(stage);

    /* T1 blocks; its callback makes calls on the other socket. */
    call = start_call(client_start("T1"), &stage->operation, ACTS(makes_others, others));
    prove_blocked(call, 1);
    wait_for_callback_end(call, 1, settings.budgets.data);

    /* None of them is allowed; the blocked one completes. */
    if (expect_others_refused(MUST("REENT-05"), others, call)) {
        expect_completes(NEEDED("provider"), stage, call);
    }
}

CASE(nested, version_1_1_allows_none) = {
    .run = version_1_1_allows_none,
    .function = FROM_ROW,
    .requirements = "REENT-05",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "makes calls in the blocking callback of a provider that has settled on version 1.1",
    .must = "each of them fails with WSAEINPROGRESS",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
