#include "harness/case.h"
#include "harness/names.h"
#include "harness/race.h"

#include <stdio.h>
#include <string.h>

/* Each of the three moments is met that often; a connect comes through only after a second. */
enum { TURNS = 4, TURNS_OF_SEND = 1 };

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

#define ROWS(version, family)                                                                      \
    ROW(accept, WSPAccept, version, family), ROW(select, WSPSelect, version, family),              \
        ROW(recv, WSPRecv, version, family), ROW(recvfrom, WSPRecvFrom, version, family),          \
        ROW(send, WSPSend, version, family)

/* What is special about the call; nothing is about those of the plain rows. */
enum variant { PLAIN, TIMED, PEEK, MANY_BUFFERS, OF_A_DATAGRAM };

enum { PIECES = 7, A_MINUTE_MS = 60000 };

#define SPECIAL(call, spi, how, special)                                                           \
    {                                                                                              \
        .name = #call "_" #how "_ipv4", .function = SPI_##spi, .family = AF_INET,                  \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4", .variant = (special)            \
    }

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    ROW(connect, WSPConnect, 4, AF_INET),
    SPECIAL(select, WSPSelect, timed, TIMED),
    SPECIAL(recv, WSPRecv, timed, TIMED),
    SPECIAL(recv, WSPRecv, peek, PEEK),
    SPECIAL(recv, WSPRecv, many_buffers, MANY_BUFFERS),
    SPECIAL(recv, WSPRecv, datagram, OF_A_DATAGRAM),
    {.name = NULL},
};

/* Makes room, and waits until the connection is there. */
static void let_connect_through(struct operation *operation)
{
    struct stage *stage = operation->other_end;
    struct peer *arrival;

    let_pending_connect_through(stage);
    arrival = peer_accept(stage->peer, settings.budgets.data);
    if (arrival != NULL && stage->arrived < ARRAYSIZE(stage->arrivals)) {
        stage->arrivals[stage->arrived++] = arrival;
    }
}

static struct stage *arrange(const struct case_row *row)
{
    struct stage *stage;

    if (row->function != SPI_WSPConnect) {
        stage = row->variant == OF_A_DATAGRAM ? arrange_receive_of_a_datagram(row->family)
                                              : arrange_blocked(row->function, row->family);
        stage->operation.flags = row->variant == PEEK ? MSG_PEEK : 0;
        stage->operation.pieces = row->variant == MANY_BUFFERS ? PIECES : 0;
        if (row->variant == TIMED) {
            require_timeout(stage, A_MINUTE_MS);
        }
        return stage;
    }
    stage = arrange_stalled_connect(row->family);
    stage->operation.complete = let_connect_through;
    return stage;
}

static unsigned rounds_of(enum spi_function function)
{
    switch (function) {
    case SPI_WSPConnect:
        return 1;
    case SPI_WSPSend:
        return TURNS_OF_SEND * MOMENTS;
    default:
        return TURNS * MOMENTS;
    }
}

/* Whether the address that WSPAccept or WSPRecvFrom gave is that of the peer. */
static bool tells_the_peer(const struct stage *stage)
{
    const struct operation *operation = &stage->operation;
    const struct peer *peer =
        operation->function == SPI_WSPAccept ? stage->arrivals[stage->arrived - 1] : stage->peer;
    struct sockaddr_storage wanted = peer_address(peer);
    char wanted_text[80];
    char seen_text[80];

    address_text(wanted_text, sizeof wanted_text, (const struct sockaddr *)&wanted);
    address_text(seen_text, sizeof seen_text,
                 (const struct sockaddr *)(const void *)operation->from->bytes);
    return strcmp(wanted_text, seen_text) == 0;
}

/* How a call on such a stage ends that nobody cancels: what the others are compared with. */
struct usual {
    bool address; /* it tells the peer's */
};

/* A connect is not tried: it takes a second. */
static struct usual make_usual_call(const struct case_row *row, struct client *t1)
{
    struct usual usual = {false};
    struct stage *stage;
    struct blocked_call *call;

    if (row->function == SPI_WSPConnect) {
        return usual;
    }
    stage = arrange(row);
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_blocked(call, 1);
    if (!expect_completes(NEEDED("provider"), stage, call)) {
        stop_case(NEEDED("provider"), "a call that nobody cancels", "it completes as it should",
                  "it does not");
    }
    usual.address = stage->operation.from != NULL && tells_the_peer(stage);
    return usual;
}

/* All that belongs to a call that completed, as if it had never been cancelled. */
static bool expect_whole(struct stage *stage, struct blocked_call *call, struct usual usual)
{
    struct peer *peer;

    if (stage->function == SPI_WSPConnect) {
        peer = expect_pending_connect_arrived(MUST("RACE-02"), stage);
        return peer != NULL &&
               expect_echo(MUST("RACE-02"), "over the connection", stage->socket, peer);
    }
    return expect_completes(MUST("RACE-02"), stage, call) &&
           (!usual.address || expect_that(MUST("RACE-02"), tells_the_peer(stage),
                                          "the address that the completed call gave",
                                          "that of the peer, as usual", "another"));
}

/*
 * RACE-02 (WSPCancelBlockingCall: S23): a call that is cancelled about when it completes ends in
 * one of two ways: as if it had never been cancelled, with all its effects, or with WSAEINTR. There
 * is no third.
 */
static void cancel_as_it_completes(const struct case_row *row)
{
    struct client *t1 = client_start("T1");
    struct usual usual = make_usual_call(row, t1);
    unsigned rounds = rounds_of(row->function);
    unsigned completed = 0;

    for (unsigned round = 0; race_again(round, rounds); round++) {
        /* A socket on which the call can only wait. */
        struct stage *stage = arrange(row);
        enum moment moment = (enum moment)(round % MOMENTS);

        /* T1 blocks and its callback cancels, a moment before, after or with what completes it. */
        struct blocked_call *call = race_cancel(t1, stage, moment);

        /* If it was not interrupted, it is complete. */
        if (!join_race(call, stage, moment, MUST("RACE-02"))) {
            return;
        }
        if (!call_outcome(call).failed) {
            completed++;
            if (!expect_whole(stage, call, usual)) {
                return;
            }
        }
    }
    record_race(row->function, completed > 0);
}

CASE(race, cancel_as_it_completes) = {
    .run = cancel_as_it_completes,
    .function = FROM_ROW,
    .requirements = "RACE-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels blocked calls just before, just after and just when they can complete",
    .must = "each ends as it would have without the cancel, or with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .awaits_syn = true,
    .rows = calls,
};
