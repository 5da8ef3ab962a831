#include "harness/case.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

struct cell {
    int *error;
    int at_return; /* what it held when the cancel returned */
};

static BOOL cancels_into_cell(struct callback_turn *turn)
{
    struct cell *cell = turn->argument;

    callback_cancel_into(turn, cell->error);
    cell->at_return = *cell->error;
    return FALSE;
}

/*
 * CBC-04 (WSPCancelBlockingCall: S3): a cancel from the blocking callback writes nothing but the
 * one INT that lpErrno points to, and once it has returned not even that. Whatever it writes on the
 * page beyond is an access violation.
 */
static void writes_one_int(const struct case_row *row)
{
    /* A socket on which the call can only wait, and an INT at the end of a page. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    static struct cell cell;

    cell.error = int_before_guard_page();

    /* T1 blocks; its callback cancels with an lpErrno that points to the INT. */
    require_cancelled(start_call(t1, &stage->operation, ACTS(cancels_into_cell, &cell)));

    /* Nothing beside it was written, and the end of the call did not write to it again. */
    expect_that(MUST("CBC-04"), page_holds(cell.error),
                "memory before an lpErrno at the end of its page", "untouched", "written to");
    expect_number(MUST("CBC-04"), "what lpErrno pointed to, when the cancelled call had returned",
                  cell.at_return, *cell.error);
}

CASE(cancel, writes_one_int) = {
    .run = writes_one_int,
    .function = FROM_ROW,
    .requirements = "CBC-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels from the blocking callback, lpErrno being the last INT of a page",
    .must = "nothing is written beside that INT, and nothing after the cancel has returned",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
