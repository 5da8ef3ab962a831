#include "harness/case.h"

/*
 * CBC-05 (WSPCancelBlockingCall: S3, S4): a cancel that returns SOCKET_ERROR has stored its reason
 * where lpErrno points to, and there are two: WSAEINVAL and WSAENETDOWN.
 */
static void idle_stores_a_code(const struct case_row *row)
{
    /* A provider that was started; *lpErrno holds what is no error code. */
    struct entry *entry = provider_start_any();
    struct outcome cancel;

    /* With nothing to cancel, a cancel fails. */
    (void)row;
    cancel = spi_cancel(entry);
    require_that(resting_on(NEEDED("provider"), "cancel/idle_after_startup"),
                 cancel.failed && cancel.kind != OUTCOME_NO_ENTRY,
                 "WSPCancelBlockingCall with nothing to cancel", "SOCKET_ERROR", "no failure");

    /* It says why. */
    expect_outcome(MUST("CBC-05"), "WSPCancelBlockingCall that fails", cancel,
                   ONE_OF(FAILS_WITH(WSAEINVAL), FAILS_WITH(WSAENETDOWN)));
}

CASE(cancel, idle_stores_a_code) = {
    .run = idle_stores_a_code,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "CBC-05",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cancels with nothing to cancel, and with a *lpErrno that holds no error code",
    .must = "the failing cancel has stored WSAEINVAL or WSAENETDOWN",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
};
