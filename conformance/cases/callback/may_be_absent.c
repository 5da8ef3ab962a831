#include "harness/case.h"

#include <string.h>

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family)},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

/*
 * A provider asks for the callback when its call cannot finish at once, and only what its peer does
 * can end the call then. One that does not ask is taken to be blocked after the budget quiet. A
 * call that fails instead of waiting is judged by its outcome.
 */
static void prove_native_wait(struct blocked_call *call, enum spi_function function)
{
    bool asked = wait_for_query(call, settings.budgets.quiet);
    bool returned = call_returned(call);

    if (returned && function != SPI_WSPConnect && call_outcome(call).failed) {
        return;
    }
    if (asked && !returned) {
        prove(PROOF_BLOCKED, "it asked for a blocking callback, got none, and did not return");
    } else {
        prove_blocked(call, 1);
    }
}

/* What a full backlog comes to in the end is the transport's affair: it may refuse, too. */
static const struct acceptable *acceptable_end(enum spi_function function)
{
    static const struct acceptable connect[] = {
        SUCCEEDS, FAILS_WITH(WSAECONNREFUSED), FAILS_WITH(WSAETIMEDOUT), {.kind = ACCEPT_END}};
    static const struct acceptable select[] = {RETURNS(1), {.kind = ACCEPT_END}};
    static const struct acceptable others[] = {SUCCEEDS, {.kind = ACCEPT_END}};

    switch (function) {
    case SPI_WSPConnect:
        return connect;
    case SPI_WSPSelect:
        return select;
    default:
        return others;
    }
}

/* Of what came, the first bytes are those that the peer sent, if only some of them. */
static void judge_received(const struct operation *receive)
{
    DWORD count = operation_transferred(receive);
    size_t size = receive->data->size;

    if (expect_that(MUST("BHK-11"), count > 0 && count <= size, "how many bytes it received",
                    "some of those sent", "%lu", count)) {
        const struct buffer *sent = buffer_with_pattern("what the peer sent", size, 0);
        expect_bytes(MUST("BHK-11"), "what it received", sent->bytes, receive->data->bytes, count);
    }
}

/*
 * BHK-11 (WPUQueryBlockingCallback): a thread need not have a blocking callback; its calls then
 * wait natively, and complete all the same.
 */
static void may_be_absent(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a peer that could let it complete. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    require_that(NEEDED("environment"), row->function != SPI_WSPConnect || stage->peer != NULL,
                 "who is connected to", "a listener that can be made to answer",
                 "an unresponsive address");

    /* The call blocks; WPUQueryBlockingCallback says NULL. */
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_native_wait(call, row->function);

    /* Its peer lets it complete. */
    stage_complete(stage);
    if (join_completed(call, MUST("BHK-11"), acceptable_end(row->function)) &&
        (row->function == SPI_WSPRecv || row->function == SPI_WSPRecvFrom)) {
        judge_received(&stage->operation);
    }
}

CASE(callback, may_be_absent) = {
    .run = may_be_absent,
    .function = FROM_ROW,
    .requirements = "BHK-11",
    .level = LEVEL_MUST,
    .modes = MODE_NO_CALLBACK,
    .does = "lets the call block on a thread without a blocking callback, then complete",
    .must = "the call waits, and completes when its peer lets it",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .awaits_syn = true,
    .rests_on = "startup/starts",
    .rows = calls,
};
