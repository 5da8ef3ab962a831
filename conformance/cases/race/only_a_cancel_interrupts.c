#include "harness/case.h"
#include "harness/names.h"

enum { ROUNDS = 2, A_MOMENT_MS = 50, ROOM = 64 << 10 };

/* How a call ends that nobody cancels. */
enum { COMPLETES, TIMES_OUT, PARTWAY, IS_RESET };

#define ROW(call, spi, way, ending, version, address_family)                                       \
    {                                                                                              \
        .name = #call "_" #way "_ipv" #version, .function = SPI_##spi, .family = (address_family), \
        .variant = (ending), .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"             \
    }

#define ROWS(version, family)                                                                      \
    ROW(accept, WSPAccept, completes, COMPLETES, version, family),                                 \
        ROW(select, WSPSelect, completes, COMPLETES, version, family),                             \
        ROW(select, WSPSelect, times_out, TIMES_OUT, version, family),                             \
        ROW(recv, WSPRecv, completes, COMPLETES, version, family),                                 \
        ROW(recv, WSPRecv, times_out, TIMES_OUT, version, family),                                 \
        ROW(recv, WSPRecv, is_reset, IS_RESET, version, family),                                   \
        ROW(recvfrom, WSPRecvFrom, completes, COMPLETES, version, family),                         \
        ROW(send, WSPSend, is_reset, IS_RESET, version, family)

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, times_out, TIMES_OUT, 4, AF_INET),
    ROW(send, WSPSend, times_out, TIMES_OUT, 4, AF_INET),
    ROW(send, WSPSend, times_out_partway, PARTWAY, 4, AF_INET),
    {.name = NULL}};

/* Room for a part of what is to be sent, before the call. */
static void make_some_room(struct stage *stage)
{
    static char sink[ROOM];

    peer_receive(stage->peer, sink, sizeof sink);
}

/* Lets a call end as the row has it, or complete if it does not. */
static void end_uncancelled(struct stage *stage, struct blocked_call *call, intptr_t ending)
{
    /* That its time ran out shows that it waited, even if its callback was not due yet. */
    if (ending == TIMES_OUT && wait_for_return(call, settings.budgets.data)) {
        return;
    }
    prove_blocked(call, 1);
    if (ending == IS_RESET) {
        peer_reset(stage->peer);
    } else {
        stage_complete(stage);
    }
    if (!wait_for_return(call, settings.budgets.data)) {
        rescue(call);
        stop_case(NEEDED("provider"), "the call that nobody cancelled", "it ends", "still blocked");
    }
}

/*
 * RACE-05 (WSPCancelBlockingCall: S24): WSAEINTR is how a client knows that its call was cancelled.
 * So a call that ends in another way, by whatever happens to it, does not say so; neither before
 * nor after one on the same thread that was cancelled.
 */
static void only_a_cancel_interrupts(const struct case_row *row)
{
    struct client *t1 = client_start("T1");

    for (int round = 0; round < ROUNDS; round++) {
        /* Two sockets on which the call can only wait, the first for a moment at most. */
        struct stage *uncancelled = arrange_blocked(row->function, row->family);
        struct stage *cancelled = arrange_blocked(row->function, row->family);
        bool is_to_time_out = row->variant == TIMES_OUT || row->variant == PARTWAY;
        bool times_out = is_to_time_out && stage_set_timeout(uncancelled, A_MOMENT_MS);
        struct blocked_call *call;

        if (row->variant == PARTWAY) {
            make_some_room(uncancelled);
        }
        call = start_call(t1, &uncancelled->operation, GOES_ON);

        /* T1 blocks, and nobody cancels: the call ends, but not with WSAEINTR. */
        end_uncancelled(uncancelled, call,
                        !is_to_time_out ? row->variant
                        : times_out     ? TIMES_OUT
                                        : COMPLETES);
        expect_that(MUST("RACE-05"), !outcome_is_error(call_outcome(call), WSAEINTR),
                    about("%s that nobody cancelled", spi_function_name(row->function)),
                    "anything but a failure with WSAEINTR", "SOCKET_ERROR with WSAEINTR (10004)");

        /* T1 blocks again, and its callback cancels. */
        require_cancelled(start_call(t1, &cancelled->operation, CANCELS_AT(1)));
    }
}

CASE(race, only_a_cancel_interrupts) = {
    .run = only_a_cancel_interrupts,
    .function = FROM_ROW,
    .requirements = "RACE-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets blocked calls end without a cancel, and by one, in turns on one thread",
    .must = "only those that were cancelled fail with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
