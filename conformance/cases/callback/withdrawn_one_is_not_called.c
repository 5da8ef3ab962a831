#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = RESTS_ON_RELEASED(call)},

#define ROWS(version, address_family)                                                              \
    ROW(accept, WSPAccept, version, address_family)                                                \
    ROW(select, WSPSelect, version, address_family)                                                \
    ROW(recv, WSPRecv, version, address_family)                                                    \
    ROW(recvfrom, WSPRecvFrom, version, address_family)

static const struct case_row calls[] = {ROWS(4, AF_INET) ROWS(6, AF_INET6){.name = NULL}};

/*
 * BHK-06 (blocking hook overview): a thread that has given its blocking callback up between two
 * calls is not called back in the second, which waits without one, and completes.
 */
static void withdrawn_one_is_not_called(const struct case_row *row)
{
    /* A thread with a callback, and sockets on which calls can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *next = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;
    bool called;

    /* T1 blocks, is called back, and its call comes to its end. */
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_blocked(call, 1);
    release_call(call);

    /* It has no callback any more, which would cancel; and it makes the same call once more. */
    callback_remove(client_thread(t1));
    call = start_call(t1, &next->operation, CANCELS_AT(1));
    called = wait_for_callback(call, 1, settings.budgets.quiet);

    /* Nothing is called back, and the call completes when its peer lets it. */
    if (expect_that(MUST("BHK-06"), !called,
                    about("what %s calls back on the thread that has no blocking callback any more",
                          spi_function_name(row->function)),
                    "nothing", "%s",
                    called ? "the callback that the thread had before" : "nothing")) {
        expect_completes(MUST("BHK-06"), next, call);
    }
}

CASE(callback, withdrawn_one_is_not_called) = {
    .run = withdrawn_one_is_not_called,
    .function = FROM_ROW,
    .requirements = "BHK-06",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets a thread block that has a blocking callback, and again when it has none any more",
    .must = "the second call is not called back, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .awaits_quiet = true,
    .rows = calls,
};
