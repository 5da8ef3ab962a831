#include "harness/case.h"
#include "harness/names.h"

enum { CANCELS = 3 };

#define ROW(call, spi, version, address_family, driven)                                            \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .modes = (driven)                                                                          \
    }

/* Without a callback it takes a while to show that a call waits: one family will do. */
#define ROWS(version, address_family, driven)                                                      \
    ROW(accept, WSPAccept, version, address_family, driven),                                       \
        ROW(select, WSPSelect, version, address_family, driven),                                   \
        ROW(recv, WSPRecv, version, address_family, driven),                                       \
        ROW(recvfrom, WSPRecvFrom, version, address_family, driven),                               \
        ROW(send, WSPSend, version, address_family, driven)

static const struct case_row calls[] = {
    ROWS(4, AF_INET, DRIVEN_DIRECTLY), ROWS(6, AF_INET6, MODE_DIRECT), {.name = NULL}};

/*
 * STICKY-02 (WSPCancelBlockingCall: S6, S22): cancels that found nothing to cancel are forgotten:
 * the first call that the thread then makes waits as it should, and completes.
 */
static void early_cancels_spare_the_first_call(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    /* T1, which made no call yet, cancels three times. What that says is a matter of CBC-07. */
    for (int i = 0; i < CANCELS; i++) {
        idle_cancel_on(t1, stage->operation.entry);
    }

    /* Its first call waits, and completes when its peer lets it. */
    call = start_call(t1, &stage->operation, GOES_ON);
    if (expect_still_blocked(
            call, MUST("STICKY-02"),
            about("%s on a thread that had cancelled before", spi_function_name(row->function)))) {
        expect_completes(MUST("STICKY-02"), stage, call);
    }
}

CASE(sticky, early_cancels_spare_the_first_call) = {
    .run = early_cancels_spare_the_first_call,
    .function = FROM_ROW,
    .requirements = "STICKY-02",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cancels three times on a thread that made no call, which then makes one",
    .must = "the call waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = calls,
};
