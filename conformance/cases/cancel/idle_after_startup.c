#include "harness/case.h"

/*
 * CBC-07 (WSPCancelBlockingCall: S6): where no blocking call was ever made there is nothing to
 * cancel, and the provider says so: on the thread that started it, and on one it never saw.
 */
static void idle_after_startup(const struct case_row *row)
{
    /* A provider that was started, and asked for nothing else. */
    struct entry *entry = provider_start_any();
    struct client *t1 = client_start("T1");

    /* Both threads cancel; there is nothing to cancel, and that is what the provider says. */
    (void)row;
    expect_outcome(MUST("CBC-07"), "WSPCancelBlockingCall right after WSPStartup",
                   spi_cancel(entry), ONE_OF(FAILS_WITH(WSAEINVAL)));
    expect_outcome(MUST("CBC-07"), "WSPCancelBlockingCall on a thread that made no call",
                   idle_cancel_on(t1, entry), ONE_OF(FAILS_WITH(WSAEINVAL)));
}

CASE(cancel, idle_after_startup) = {
    .run = idle_after_startup,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "CBC-07",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cancels on two threads that made no blocking call",
    .must = "WSPCancelBlockingCall fails with WSAEINVAL",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .gate = true,
};
