#include "harness/case.h"
#include "harness/names.h"
#include "harness/race.h"

#define ROW(call, spi)                                                                             \
    {                                                                                              \
        .name = #call "_ipv4", .function = SPI_##spi, .family = AF_INET,                           \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {ROW(accept, WSPAccept),
                                        ROW(select, WSPSelect),
                                        ROW(recv, WSPRecv),
                                        ROW(recvfrom, WSPRecvFrom),
                                        {.name = NULL}};

/* Another thread sees that the event has come, unless the provider lets it wait meanwhile. */
static void look(void *argument)
{
    struct spi_socket *socket = argument;
    struct buffer *set = new_fd_set("the read set", &socket, 1);

    spi_select(socket->entry, fd_set_of(set), NULL, NULL,
               read_only_timeval(0, (long)settings.budgets.quiet * 1000));
}

/*
 * RACE-01 (WSPCancelBlockingCall: S22): the cancel may return 0 although the call could complete by
 * then, and it may say that nothing is outstanding any more. Both ends of the call are right, too;
 * what the provider makes of it is recorded.
 */
static void late_cancel_may_succeed(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t2 = client_start("T2");
    char cancel[96];
    char end[96];

    /* T1 blocks, and is in its callback. */
    struct blocked_call *call =
        start_call(client_start("T1"), &stage->operation, held_before(TRIES_TO_CANCEL));
    prove_held(call);

    /* What completes the call comes, and is seen to have come; then the callback cancels. */
    stage_complete(stage);
    client_post(t2, look, stage->socket);
    client_wait(t2, settings.budgets.quiet);
    let_go(call);
    client_wait(t2, settings.budgets.data);

    /* Both have come to an end that is allowed. */
    if (join_race(call, stage, BEFORE_THE_CANCEL, NEEDED("provider"))) {
        record_choice("a cancel of %s that can complete: %s; the call: %s",
                      spi_function_name(row->function),
                      outcome_text(cancel, sizeof cancel, call_cancel_outcome(call)),
                      outcome_text(end, sizeof end, call_outcome(call)));
    }
}

CASE(race, late_cancel_may_succeed) = {
    .run = late_cancel_may_succeed,
    .function = FROM_ROW,
    .requirements = "RACE-01 CBC-01",
    .level = LEVEL_MAY,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call when what completes it has come",
    .must = "the cancel returns 0 or fails with WSAEINVAL; which one is recorded",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
