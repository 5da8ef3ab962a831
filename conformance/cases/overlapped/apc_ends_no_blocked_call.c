#include "harness/case.h"
#include "harness/names.h"

/* What is to run on the thread that waits. */
enum { USER_APC, COMPLETION_ROUTINE };

#define ROW(call, spi, version, address_family)                                                    \
    {.name = "apc_in_" #call "_ipv" #version,                                                      \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .variant = USER_APC,                                                                          \
     .rests_on = "callback/is_called_at_all"},                                                     \
    {                                                                                              \
        .name = "routine_in_" #call "_ipv" #version, .function = SPI_##spi,                        \
        .family = (address_family), .variant = COMPLETION_ROUTINE,                                 \
        .rests_on = "callback/is_called_at_all"                                                    \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    ROW(accept, WSPAccept, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 6, AF_INET6),
    {.name = NULL},
};

static volatile LONG apcs;

static void CALLBACK count_apc(ULONG_PTR ignored)
{
    (void)ignored;
    InterlockedIncrement(&apcs);
}

/*
 * OVL-05 (overlapped overview): what is queued to a thread runs when that waits alertably, as a
 * provider may in a blocking call. The call goes on all the same: it ends when it is done, and no
 * sooner. A provider that takes the end of its wait for the end of the call gets that wrong.
 */
static void apc_ends_no_blocked_call(const struct case_row *row)
{
    /* A socket on which the call can only wait, and one for an overlapped operation of T1. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *pending = NULL;
    struct client *t1 = client_start("T1");
    const char *name = spi_function_name(row->function);
    struct blocked_call *call;
    bool ran;

    if (row->variant == COMPLETION_ROUTINE) {
        pending = arrange_blocked(SPI_WSPRecv, row->family);
        begin_pending(t1, pending, BY_ROUTINE);
    }

    /* T1 blocks in the call; then something is queued to it. */
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_blocked(call, 1);
    if (pending != NULL) {
        stage_complete(pending);
    } else {
        QueueUserAPC(count_apc, client_handle(t1), 0);
    }

    /* The call is still blocked, whether that has run or not, and completes as it should. */
    if (!expect_still_blocked(call, SHOULD("OVL-05"),
                              about("%s, once something was queued to its thread", name))) {
        return;
    }
    ran = pending != NULL ? pending->operation.overlapped->routines > 0 : apcs > 0;
    record_choice("what is queued to a thread in %s %s", name,
                  ran ? "runs there and then" : "waits until the call is over");
    expect_completes(SHOULD("OVL-05"), stage, call);
}

CASE(overlapped, apc_ends_no_blocked_call) = {
    .run = apc_ends_no_blocked_call,
    .function = FROM_ROW,
    .requirements = "OVL-05",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does = "queues an APC, or a completion routine, to a thread that is in a blocked call",
    .must = "the call is still blocked, and completes when its peer lets it",
    .proofs = PROOF_STARTED | PROOF_BLOCKED,
    .awaits_quiet = true,
    .rows = calls,
};
