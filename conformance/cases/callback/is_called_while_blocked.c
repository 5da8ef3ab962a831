#include "harness/case.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = RESTS_ON_##version(call),                                                         \
     .gate = (version) == 4},

/* A call that calls nobody back does so in either family. */
#define RESTS_ON_4(call) "callback/is_called_at_all"
#define RESTS_ON_6(call) "callback/is_called_while_blocked/" #call "_ipv4"

/* What is special about the call; nothing is about those of the plain rows. */
enum variant { PLAIN, TIMED, PEEK, MANY_BUFFERS, OF_A_DATAGRAM, FROM_A_STREAM, TO_WRITE };

enum { PIECES = 7, A_MINUTE_MS = 60000 };

#define SPECIAL(call, spi, how, special)                                                           \
    {                                                                                              \
        .name = #call "_" #how "_ipv4", .function = SPI_##spi, .family = AF_INET,                  \
        .rests_on = "callback/is_called_while_blocked/" #call "_ipv4", .variant = (special)        \
    }

static const struct case_row calls[] = {
    SIX_CALLS_BOTH_FAMILIES(ROW) SPECIAL(select, WSPSelect, timed, TIMED),
    SPECIAL(recv, WSPRecv, timed, TIMED),
    SPECIAL(recvfrom, WSPRecvFrom, timed, TIMED),
    SPECIAL(send, WSPSend, timed, TIMED),
    SPECIAL(recv, WSPRecv, peek, PEEK),
    SPECIAL(recv, WSPRecv, many_buffers, MANY_BUFFERS),
    SPECIAL(recv, WSPRecv, datagram, OF_A_DATAGRAM),
    SPECIAL(recvfrom, WSPRecvFrom, stream, FROM_A_STREAM),
    SPECIAL(select, WSPSelect, to_write, TO_WRITE),
    {.name = NULL},
};

static struct stage *arrange_variant(const struct case_row *row)
{
    struct stage *stage;

    switch ((enum variant)row->variant) {
    case OF_A_DATAGRAM:
        return arrange_receive_of_a_datagram(row->family);
    case FROM_A_STREAM:
        return arrange_receive_from_a_stream(row->family);
    case TO_WRITE:
        return arrange_select_to_write(row->family);
    default:
        stage = arrange_blocked(row->function, row->family);
        break;
    }
    stage->operation.flags = row->variant == PEEK ? MSG_PEEK : 0;
    stage->operation.pieces = row->variant == MANY_BUFFERS ? PIECES : 0;
    if (row->variant == TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }
    return stage;
}

/*
 * BHK-01 (WPUQueryBlockingCallback): a call that cannot finish at once asks for its thread's
 * blocking callback and calls it. How long it may take, with which flag and from what kind of
 * socket it receives, and in which set its socket is, makes no difference.
 */
static void is_called_while_blocked(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a peer that could let it complete. */
    struct stage *stage = arrange_variant(row);
    struct client *t1 = client_start("T1");

    /* The callback only says: go on waiting. */
    struct blocked_call *call = start_call(t1, &stage->operation, GOES_ON);
    bool called = wait_for_callback(call, 1, settings.budgets.hook);

    /* The call was asked nothing but to wait; now its peer lets it complete. */
    require_that(NEEDED("environment"), called || !call_returned(call),
                 "the call that nothing lets complete (G1)", "blocks", "returned at once");
    expect_that(MUST("BHK-01"), call_record(call) != NULL && call_record(call)->queries > 0,
                "WPUQueryBlockingCallback on the thread of the blocked call", "called",
                "not called");
    expect_that(MUST("BHK-01"), called, "the blocking callback during the blocked call",
                about("called within %lu ms", settings.budgets.hook),
                callback_strays() > 0 ? "called on another thread only" : "not called");
    if (called) {
        prove(PROOF_BLOCKED, "the blocking callback was called inside the call");
    }
    stage_complete(stage);
    join_completed(call, NEEDED("provider"), ONE_OF(SUCCEEDS));
}

CASE(callback, is_called_while_blocked) = {
    .run = is_called_while_blocked,
    .function = FROM_ROW,
    .requirements = "BHK-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets the call block with a blocking callback that only says: go on",
    .must = "the provider asks for the thread's callback and calls it while the call is blocked",
    .proofs = PROOF_STARTED | PROOF_BLOCKED,
    .awaits_syn = true,
    .rows = calls,
};
