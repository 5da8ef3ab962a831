#include "harness/race.h"

#include "harness/afterwards.h"
#include "harness/evidence.h"
#include "harness/joined.h"
#include "harness/names.h"

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

/* Whether the call of a round completed in spite of its cancel; `*usable` is whether it was judged
 * to have ended as it may. */
static bool completes_in_spite(struct client *t1, struct stage *stage, unsigned round, bool *usable)
{
    enum moment moment = (enum moment)(round % MOMENTS);
    struct blocked_call *call = race_cancel(t1, stage, moment);

    *usable = join_race(call, stage, moment, NEEDED("provider"));
    if (!*usable || call_outcome(call).failed) {
        return false;
    }
    *usable = expect_completes(NEEDED("provider"), stage, call);
    return true;
}

void record_race(enum spi_function function, bool any_completed)
{
    record_choice("%s that is cancelled as it can complete: %s", spi_function_name(function),
                  any_completed ? "completes at times" : "was interrupted each time it was tried");
}

void race_for_completed(const struct race *race)
{
    struct client *t1 = client_start("T1");
    bool any_completed = false;

    for (unsigned round = 0; race_again(round, race->rounds); round++) {
        struct stage *stage = arrange_blocked(race->function, race->family);
        bool usable;
        bool completed;
        if (race->timeout_ms != 0) {
            require_timeout(stage, race->timeout_ms);
        }
        completed = completes_in_spite(t1, stage, round, &usable);

        any_completed = any_completed || completed;
        if (!usable || (completed && !race->look(t1, stage))) {
            return;
        }
    }
    record_race(race->function, any_completed);
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
