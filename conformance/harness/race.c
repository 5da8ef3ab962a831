#include "harness/race.h"

struct blocked_call *race_cancel(struct client *client, struct stage *stage, enum moment moment)
{
    struct callback_script script =
        moment == AFTER_THE_CANCEL ? held_after(TRIES_TO_CANCEL) : held_before(TRIES_TO_CANCEL);
    struct blocked_call *call = start_call(client, &stage->operation, script);

    prove_held(call);
    if (moment == WITH_THE_CANCEL) {
        let_go(call);
        stage_complete(stage);
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
