#include "harness/case.h"
#include "harness/names.h"
#include "harness/others.h"

/* What T2 does meanwhile: calls that can return at once, or one that blocks itself. */
enum { CALLS_AT_ONCE, BLOCKS };

#define ROW(call, spi, what, does, version, address_family)                                        \
    {                                                                                              \
        .name = #call what "_ipv" #version, .function = SPI_##spi, .family = (address_family),     \
        .variant = (does), .rests_on = RESTS_ON_RELEASED(call)                                     \
    }

static const struct case_row calls[] = {
    ROW(connect, WSPConnect, "", CALLS_AT_ONCE, 4, AF_INET),
    ROW(accept, WSPAccept, "", CALLS_AT_ONCE, 4, AF_INET),
    ROW(select, WSPSelect, "", CALLS_AT_ONCE, 4, AF_INET),
    ROW(recv, WSPRecv, "", CALLS_AT_ONCE, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, "", CALLS_AT_ONCE, 4, AF_INET),
    ROW(send, WSPSend, "", CALLS_AT_ONCE, 4, AF_INET),
    ROW(accept, WSPAccept, "_beside_accept", BLOCKS, 4, AF_INET),
    ROW(select, WSPSelect, "_beside_select", BLOCKS, 4, AF_INET),
    ROW(recv, WSPRecv, "_beside_recv", BLOCKS, 4, AF_INET),
    ROW(recv, WSPRecv, "", CALLS_AT_ONCE, 6, AF_INET6),
    {.name = NULL},
};

static void use_sockets(void *argument)
{
    make_others(argument);
}

/* What T2's call came to while T1's callback holds still; the outcome is for later. */
static bool ends_meanwhile(struct stage *beside, struct blocked_call *call)
{
    /* A provider that lets it wait for the other callback does not get as far as its own. */
    if (!wait_for_callback(call, 1, settings.budgets.cancel)) {
        return false;
    }
    prove(PROOF_BLOCKED, "T2 is called back, too");
    stage_complete(beside);
    return wait_for_return(call, settings.budgets.cancel);
}

static void let_another_block(struct blocked_call *held, struct client *t2, struct stage *beside)
{
    struct blocked_call *call = start_call(t2, &beside->operation, GOES_ON);
    bool ended = ends_meanwhile(beside, call);

    let_go(held);
    if (expect_holds(SHOULD("BHK-16"), ended,
                     about("%s on T2, while the blocking callback of T1 runs",
                           spi_function_name(beside->function)),
                     "it is called back, and completes when its peer lets it",
                     "it waits for that callback")) {
        expect_completed(SHOULD("BHK-16"), beside, call);
    } else {
        release_call(call);
    }
}

static void let_another_use_sockets(struct blocked_call *held, struct client *t2,
                                    struct others *others)
{
    client_post(t2, use_sockets, others);
    client_wait(t2, settings.budgets.cancel);
    expect_others_elsewhere(SHOULD("BHK-16"), others);
    let_go(held);
    if (!client_wait(t2, settings.budgets.data)) {
        stop_case(NEEDED("provider"), "calls of T2 once the callback of T1 has returned",
                  "they return", "no return");
    }
}

/*
 * BHK-16 (blocking hook overview): a callback takes as long as it likes; what other threads do on
 * other sockets does not wait for it, and is not refused.
 */
static void other_threads_go_on(const struct case_row *row)
{
    /* A socket on which T1's call can only wait, and others for T2. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *beside =
        row->variant == BLOCKS ? arrange_blocked(row->function, row->family) : NULL;
    struct others *others = row->variant == CALLS_AT_ONCE ? arrange_others(stage) : NULL;
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    struct blocked_call *held;

    /* T1 blocks, and its callback does not return. */
    held = start_call(t1, &stage->operation, held_before(goes_on_until(&stage->operation, 1)));
    prove_held(held);

    /* T2 uses its sockets meanwhile. */
    if (row->variant == BLOCKS) {
        let_another_block(held, t2, beside);
    } else {
        let_another_use_sockets(held, t2, others);
    }
    release_call(held);
}

CASE(callback, other_threads_go_on) = {
    .run = other_threads_go_on,
    .function = FROM_ROW,
    .requirements = "BHK-16",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "lets another thread use other sockets while a blocking callback does not return",
    .must = "its calls give their usual results meanwhile",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
