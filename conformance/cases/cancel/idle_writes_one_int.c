#include "harness/case.h"

static void cancel_into(struct entry *entry, int *cell, const char *what)
{
    struct outcome cancel = spi_cancel_through(entry, entry->table.lpWSPCancelBlockingCall, cell);

    require_that(NEEDED("provider"), cancel.kind != OUTCOME_NO_ENTRY,
                 "WSPCancelBlockingCall in the proc table", "a function", "none");
    expect_that(MUST("CBC-04"), page_holds(cell), what, "untouched", "written to");
    /* One that writes nothing at all has not shown where it writes. */
    expect_outcome(resting_on(NEEDED("provider"), "cancel/idle_after_startup"),
                   "WSPCancelBlockingCall with nothing to cancel", cancel, ONE_OF(FAILS));
}

/*
 * CBC-04 (WSPCancelBlockingCall: S3): a cancel with nothing to cancel writes nothing but the one
 * INT that lpErrno points to. Whatever it writes on the page beyond is an access violation.
 */
static void idle_writes_one_int(const struct case_row *row)
{
    /* Two INTs, each at one end of a page whose neighbour cannot be touched. */
    struct entry *entry = provider_start_any();
    int *last = int_before_guard_page();
    int *first = int_after_guard_page();

    /* Cancels with nothing to cancel, and an lpErrno that points to the one, then to the other. */
    (void)row;
    cancel_into(entry, last, "memory before an lpErrno at the end of its page");
    cancel_into(entry, first, "memory behind an lpErrno at the start of its page");
}

CASE(cancel, idle_writes_one_int) = {
    .run = idle_writes_one_int,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "CBC-04",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cancels with nothing to cancel, lpErrno being the last INT of a page, then the first",
    .must = "nothing is written beside that INT",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
};
