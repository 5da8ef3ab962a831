#include "harness/race.h"

#include "harness/evidence.h"

/* Once its callback has gone, a receive may be over, and its connection as well (S17). */
static void try_to_complete(struct stage *stage)
{
    const struct buffer *data;

    if (stage->function == SPI_WSPRecv) {
        data = buffer_with_pattern("what the peer sends", STAGE_DATA_SIZE, 0);
        peer_tries_to_send(stage->peer, data->bytes, data->size);
    } else {
        stage_complete(stage);
    }
}

struct blocked_call *race_cancel(struct client *client, struct stage *stage, enum moment moment)
{
    struct callback_script script =
        moment == AFTER_THE_CANCEL ? held_after(TRIES_TO_CANCEL) : held_before(TRIES_TO_CANCEL);
    struct blocked_call *call = start_call(client, &stage->operation, script);

    prove_held(call);
    if (moment == WITH_THE_CANCEL) {
        let_go(call);
        try_to_complete(stage);
    } else {
        stage_complete(stage);
        let_go(call);
    }
    return call;
}

bool join_race(struct blocked_call *call, const struct stage *stage, enum moment moment,
               struct demand demand)
{
    bool late = moment != AFTER_THE_CANCEL;

    switch (stage->function) {
    case SPI_WSPAccept:
        return join_raced(call, late, demand, ONE_OF(SUCCEEDS, FAILS_WITH(WSAEINTR)));
    case SPI_WSPSelect:
        return join_raced(call, late, demand, ONE_OF(RETURNS(1), FAILS_WITH(WSAEINTR)));
    default:
        return join_raced(call, late, demand, ONE_OF(RETURNS(0), FAILS_WITH(WSAEINTR)));
    }
}

bool race_again(unsigned round, unsigned rounds)
{
    bool early = evidence_now() < (int64_t)settings.budgets.whole * 1000 / 3;

    return round < rounds && (round < MOMENTS || early);
}

struct blocked_call *let_another_end(struct stage *stage)
{
    struct blocked_call *call = start_call(client_start("T2"), &stage->operation, CANCELS_AT(1));

    wait_for_return(call, settings.budgets.quiet);
    return call;
}

void give_back_another(struct blocked_call *call)
{
    wait_for_callback_end(call, 1, settings.budgets.hook);
    release_call(call);
}
