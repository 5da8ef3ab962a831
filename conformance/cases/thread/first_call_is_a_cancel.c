#include "harness/case.h"

/* When the thread was started, and what had happened by then. */
enum { AFTER_THE_START, BEFORE_THE_START, AFTER_A_CANCEL };

static const struct case_row threads[] = {
    {.name = "new", .variant = AFTER_THE_START},
    {.name = "older_than_the_start", .variant = BEFORE_THE_START},
    {.name = "after_a_cancel_of_another",
     .variant = AFTER_A_CANCEL,
     .modes = MODE_DIRECT,
     .rests_on = "cancel/ends_the_blocked_call/recv_ipv4"},
    {.name = NULL},
};

enum { CANCELS = 3 };

/*
 * THR-05 (WSPCancelBlockingCall: S6): the first call that a thread makes into the provider may be
 * a cancel. Nothing has been laid out for the thread then, and there is nothing to cancel; nor is
 * there at the second time, when something may have been.
 */
static void first_call_is_a_cancel(const struct case_row *row)
{
    /* A thread that never called the provider, which may not have been loaded when it began. */
    struct client *early = client_start("T1");
    struct entry *entry = provider_start_any();
    struct client *client = row->variant == BEFORE_THE_START ? early : client_start("T2");

    if (row->variant == AFTER_A_CANCEL) {
        struct stage *stage = arrange_blocked(SPI_WSPRecv, AF_INET);
        require_cancelled(start_call(early, &stage->operation, CANCELS_AT(1)));
        entry = stage->operation.entry;
    }

    /* It cancels, a few times: there is nothing to cancel. */
    for (int i = 0; i < CANCELS; i++) {
        struct outcome cancel = idle_cancel_on(client, entry);
        expect_nothing_to_cancel(
            SHOULD("THR-05"),
            about("WSPCancelBlockingCall, call number %d of its thread into the provider", i + 1),
            cancel);
    }
}

CASE(thread, first_call_is_a_cancel) = {
    .run = first_call_is_a_cancel,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "THR-05",
    .level = LEVEL_SHOULD,
    .modes = DRIVEN_DIRECTLY,
    .does = "cancels on a thread that has made no call into the provider, perhaps since before it"
            " was loaded",
    .must = "WSPCancelBlockingCall fails with WSAEINVAL",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = threads,
};
