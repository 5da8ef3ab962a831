#include "harness/case.h"
#include "harness/names.h"
#include "harness/race.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {ROW(connect, WSPConnect, 4, AF_INET),
                                        ROW(accept, WSPAccept, 4, AF_INET),
                                        ROW(select, WSPSelect, 4, AF_INET),
                                        ROW(recv, WSPRecv, 4, AF_INET),
                                        ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
                                        ROW(send, WSPSend, 4, AF_INET),
                                        ROW(accept, WSPAccept, 6, AF_INET6),
                                        ROW(recv, WSPRecv, 6, AF_INET6),
                                        {.name = NULL}};

/* A callback of T1's own, which it keeps even on a thread of the provider's. */
static struct client *start_t1(void)
{
    struct client *t1 = client_start("T1");

    callback_set(client_thread(t1), 1, client_thread(t1)->context);
    callback_take_foreign();
    return t1;
}

/* The time stamps say it, too, and whether the callback has come to its end at all. */
static void expect_order(struct blocked_call *call)
{
    const struct spi_call *record = call_record(call);
    const struct callback_record *turn = &record->callback[0];

    expect_that(MUST("CBC-17"), turn->left != 0 && turn->left <= record->left,
                about("the callback that cancelled %s, when that call has returned",
                      spi_function_name(record->function)),
                "it has come to its end", "it has not");
}

/*
 * CBC-17 (WSPCancelBlockingCall: S12): a call that was cancelled from its blocking callback ends
 * when that callback has completed, and not before: what the client does there, after the cancel,
 * it may do while its call is still outstanding.
 */
static void ends_no_call_before_its_callback(const struct case_row *row)
{
    /* A socket on which T1's call can only wait, and one for T2. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *beside = arrange_blocked(row->function, row->family);
    struct client *t1 = start_t1();
    struct blocked_call *other = NULL;

    /* T1 blocks; its callback cancels, and does not return yet. */
    struct blocked_call *call = start_call(t1, &stage->operation, held_after(CANCELS_AT(1)));
    prove_blocked(call, 1);

    /* Meanwhile T2 makes such a call, whose callback cancels and returns; it is over soon. */
    if (wait_for_hold(call)) {
        other = let_another_end(beside);
    }
    expect_that(MUST("CBC-17"), !call_returned(call),
                about("%s on T1, whose callback cancelled it and has not come to its end",
                      spi_function_name(row->function)),
                "it is still under way", "it has returned");

    /* T1's call ends when the callback has. */
    let_go(call);
    require_failed_by_cancel(call);
    expect_order(call);
    if (other != NULL) {
        give_back_another(other);
    }
}

CASE(cancel, ends_no_call_before_its_callback) = {
    .run = ends_no_call_before_its_callback,
    .function = FROM_ROW,
    .requirements = "CBC-17",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "keeps the callback that cancelled a blocked call from returning, until another such "
            "call is over",
    .must = "the call does not return before its callback has come to its end",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
