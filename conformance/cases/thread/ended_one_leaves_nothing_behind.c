#include "harness/case.h"
#include "harness/names.h"

#include <stdio.h>

/* Storage that was given back is taken again by one of a few. */
enum { ENDED = 3, NEW = 4 };

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET),  ROW(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),      ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(recv, WSPRecv, 6, AF_INET6),     ROW(send, WSPSend, 4, AF_INET),
    ROW(select, WSPSelect, 6, AF_INET6), {.name = NULL},
};

/* Twice, unless ws2_32 stands between; what the second says is the provider's choice (CBC-19). */
static BOOL cancels_again(struct callback_turn *turn)
{
    callback_cancel(turn);
    spi_cancel(turn->call->entry);
    return FALSE;
}

/* Threads whose call was cancelled, all at the same time, and which end. */
static void let_threads_end(const struct case_row *row)
{
    struct client *clients[ENDED];
    struct blocked_call *cancelled[ENDED];
    char name[8];

    for (int i = 0; i < ENDED; i++) {
        struct stage *stage = arrange_blocked(row->function, row->family);
        snprintf(name, sizeof name, "T%d", i + 1);
        clients[i] = client_start(name);
        cancelled[i] = start_call(clients[i], &stage->operation, ACTS(cancels_again, NULL));
    }
    for (int i = 0; i < ENDED; i++) {
        require_cancelled(cancelled[i]);
    }
    for (int i = 0; i < ENDED; i++) {
        require_that(NEEDED("provider"), client_end(clients[i], settings.budgets.cancel),
                     "a thread that has nothing more to do", "it ends", "it does not");
    }
}

/* It has nothing to cancel, and its first call waits, and completes when its peer lets it. */
static bool expect_untouched(const struct case_row *row, struct client *client)
{
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct blocked_call *call = start_call(client, &stage->operation, GOES_ON);

    return expect_still_blocked(call, MUST("THR-04"),
                                about("%s, the first call of a new thread, after threads that "
                                      "cancelled have ended",
                                      spi_function_name(row->function))) &&
           expect_completes(MUST("THR-04"), stage, call);
}

static void expect_new_threads_untouched(const struct case_row *row, struct entry *entry)
{
    char name[8];

    for (int i = 0; i < NEW; i++) {
        struct client *client;
        snprintf(name, sizeof name, "N%d", i + 1);
        client = client_start(name);
        /* Some of them cancel before: what is left of another thread's call is not theirs. */
        if (i % 2 == 1 && settings.mode == MODE_DIRECT) {
            expect_nothing_to_cancel(MUST("THR-04"),
                                     "WSPCancelBlockingCall on a new thread, after threads that "
                                     "cancelled have ended",
                                     idle_cancel_on(client, entry));
        }
        if (!expect_untouched(row, client)) {
            return;
        }
    }
}

/*
 * THR-04 (WSPCancelBlockingCall: S7): a cancel is for its own thread, and with that it ends.
 * Neither its id nor its storage, which the next thread may be given, carries it on.
 */
static void ended_one_leaves_nothing_behind(const struct case_row *row)
{
    /* Threads block, are cancelled, and end. */
    let_threads_end(row);

    /* New threads come. */
    expect_new_threads_untouched(row, provider_primary());
}

CASE(thread, ended_one_leaves_nothing_behind) = {
    .run = ended_one_leaves_nothing_behind,
    .function = FROM_ROW,
    .requirements = "THR-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets threads end whose calls were cancelled, and new threads make such calls",
    .must = "the calls of the new threads wait, and complete",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
