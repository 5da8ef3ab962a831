/*
 * Races: calls that are cancelled about when something else lets them complete (S22, S23). Either
 * may win; what the loser may not do is for the cases. And calls that come to their end while
 * another one is not to.
 */
#ifndef WSPCTS_HARNESS_RACE_H
#define WSPCTS_HARNESS_RACE_H

#include "harness/stage.h"

/* When the call can complete: before the callback cancels, before it returns, or about then. */
enum moment { BEFORE_THE_CANCEL, AFTER_THE_CANCEL, WITH_THE_CANCEL, MOMENTS };

/*
 * The client blocks in the stage's call, and the callback cancels; at that moment the other end
 * lets the call complete. Ends the case as inconclusive if the call cannot be shown to block.
 */
struct blocked_call *race_cancel(struct client *client, struct stage *stage, enum moment moment);

/*
 * Joins that call, and judges under the demand that it ends as it would have without the cancel, or
 * with WSAEINTR; and as CBC-01 that the cancel says 0, or WSAEINVAL where it may have come too
 * late. True if so.
 */
bool join_race(struct blocked_call *call, const struct stage *stage, enum moment moment,
               struct demand demand);

/*
 * Whether to race once more: each moment is met once, and then again up to `rounds` times in all,
 * as long as a third of the case's time has not passed; a provider may be slow.
 */
bool race_again(unsigned round, unsigned rounds);

/* Records whether any of the calls that raced completed in spite of its cancel. */
void record_race(enum spi_function function, bool any_completed);

/* A call that is cancelled as it can complete, several times. */
struct race {
    enum spi_function function;
    int family;
    DWORD timeout_ms; /* of the call; 0 for none */
    unsigned rounds;
    bool (*look)(struct client *t1, struct stage *stage);
};

/* The rows of a case about such calls; the variant is the timeout. */
enum { RACED_FOR_AT_MOST_MS = 60000 };
#define RACED_CALL(row, call, spi, version, address_family, timeout)                               \
    {                                                                                              \
        .name = #row "_ipv" #version, .function = SPI_##spi, .family = (address_family),           \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4", .variant = (timeout)            \
    }
#define RACED_CALLS_OF(version, family)                                                            \
    RACED_CALL(accept, accept, WSPAccept, version, family, 0),                                     \
        RACED_CALL(select, select, WSPSelect, version, family, 0),                                 \
        RACED_CALL(recv, recv, WSPRecv, version, family, 0),                                       \
        RACED_CALL(recvfrom, recvfrom, WSPRecvFrom, version, family, 0)
#define RACED_CALLS                                                                                \
    RACED_CALLS_OF(4, AF_INET), RACED_CALLS_OF(6, AF_INET6),                                       \
        RACED_CALL(timed_select, select, WSPSelect, 4, AF_INET, RACED_FOR_AT_MOST_MS),             \
        RACED_CALL(timed_recv, recv, WSPRecv, 4, AF_INET, RACED_FOR_AT_MOST_MS),                   \
        RACED_CALL(timed_recvfrom, recvfrom, WSPRecvFrom, 4, AF_INET, RACED_FOR_AT_MOST_MS)

/*
 * T1 blocks in the call, each time on a stage of its own, and races as above. The calls that
 * completed in spite of their cancel are looked at; `look` is false if there is no point in going
 * on. Whether there were any is recorded as the provider's choice; how the others end is RACE-02's
 * affair.
 */
void race_for_completed(const struct race *race);

/*
 * T2 makes the stage's call, whose first callback cancels it; it has ended when this returns,
 * unless the provider lets it wait for another one. It is to be given back when that one is over.
 */
struct blocked_call *let_another_end(struct stage *stage);
void give_back_another(struct blocked_call *call);

#endif
