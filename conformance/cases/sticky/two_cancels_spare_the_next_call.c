#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

#define ROWS(version, address_family)                                                              \
    ROW(accept, WSPAccept, version, address_family),                                               \
        ROW(select, WSPSelect, version, address_family),                                           \
        ROW(recv, WSPRecv, version, address_family),                                               \
        ROW(recvfrom, WSPRecvFrom, version, address_family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/* What the second cancel says is the provider's choice (CBC-19). */
static BOOL cancels_again(struct callback_turn *turn)
{
    callback_cancel(turn);
    *(struct outcome *)turn->argument = spi_cancel(turn->call->entry);
    return FALSE;
}

/*
 * STICKY-01 (WSPCancelBlockingCall: S7, S22): two cancels in one callback end one call, not two:
 * the next one of that thread waits as it should, and completes.
 */
static void two_cancels_spare_the_next_call(const struct case_row *row)
{
    /* Two sockets on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *next = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    static struct outcome second;
    struct blocked_call *call;
    char text[96];

    /* T1 blocks; its callback cancels twice. */
    require_cancelled(start_call(t1, &stage->operation, ACTS(cancels_again, &second)));
    record_choice("the second cancel in one callback: %s", outcome_text(text, sizeof text, second));

    /* T1's next call waits, and completes when its peer lets it. */
    call = start_call(t1, &next->operation, GOES_ON);
    if (expect_still_blocked(call, MUST("STICKY-01"),
                             about("%s on the thread whose last call was cancelled twice",
                                   spi_function_name(row->function)))) {
        expect_completes(MUST("STICKY-01"), next, call);
    }
}

CASE(sticky, two_cancels_spare_the_next_call) = {
    .run = two_cancels_spare_the_next_call,
    .function = FROM_ROW,
    .requirements = "STICKY-01",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "cancels a blocked call twice in one callback, then makes another on the same thread",
    .must = "the next call waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
