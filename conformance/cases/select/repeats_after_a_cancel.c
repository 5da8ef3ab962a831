#include "harness/case.h"

enum variant { TO_READ, TIMED, TO_WRITE, A_MINUTE_MS = 60000 };

#define ROW(name_of_row, what, version, address_family)                                            \
    {                                                                                              \
        .name = name_of_row "ipv" #version, .function = SPI_WSPSelect, .family = (address_family), \
        .variant = (what)                                                                          \
    }

static const struct case_row variants[] = {
    ROW("", TO_READ, 4, AF_INET),
    ROW("", TO_READ, 6, AF_INET6),
    ROW("timed_", TIMED, 4, AF_INET),
    ROW("to_write_", TO_WRITE, 4, AF_INET),
    {.name = NULL},
};

static struct stage *arrange_variant(const struct case_row *row)
{
    struct stage *stage;

    if (row->variant == TO_WRITE) {
        return arrange_select_to_write(row->family);
    }
    stage = arrange_blocked(SPI_WSPSelect, row->family);
    if (row->variant == TIMED) {
        stage_set_timeout(stage, A_MINUTE_MS);
    }
    return stage;
}

/* The same select over sets made anew, which is not over before something happens. */
static struct blocked_call *repeat(struct client *t1, struct stage *stage)
{
    struct blocked_call *call = start_call(t1, &stage->operation, GOES_ON);

    return expect_still_blocked(call, MUST("SELECT-10"), "WSPSelect repeated after a cancelled one")
               ? call
               : NULL;
}

/*
 * SELECT-10 (WSPCancelBlockingCall: S16): a select that is repeated after its cancel, with the same
 * sockets and on the same thread, is a new one. It blocks, with all of its time before it, and says
 * which socket becomes ready.
 */
static void repeats_after_a_cancel(const struct case_row *row)
{
    /* A stream on which nothing was sent, or that has no room to write. */
    struct stage *stage = arrange_variant(row);
    struct stage *again = arrange_again(stage);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    /* T1 blocks in WSPSelect; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* T1 makes the same WSPSelect again, and it blocks. */
    call = repeat(t1, again);
    if (call == NULL) {
        return;
    }

    /* The peer sends, or reads; it returns 1 with the socket, which gives the bytes. */
    expect_completes(MUST("SELECT-10"), again, call);
}

CASE(select, repeats_after_a_cancel) = {
    .run = repeats_after_a_cancel,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-10",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "repeats a WSPSelect on the same thread after it was cancelled",
    .must = "it blocks, and returns 1 with the socket once its peer has sent, or has made room",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = variants,
};
