#include "harness/case.h"
#include "harness/evidence.h"
#include "harness/forerunner.h"
#include "harness/names.h"
#include "harness/world.h"

/* Where the other process is killed. */
enum { IN_ITS_WAIT, IN_ITS_CALLBACK };

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4",                                    \
     .variant = IN_ITS_WAIT},                                                                      \
    {                                                                                              \
        .name = #call "_in_its_callback_ipv" #version, .function = SPI_##spi,                      \
        .family = (address_family), .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4",     \
        .variant = IN_ITS_CALLBACK                                                                 \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(recv, WSPRecv, 6, AF_INET6),
    {.name = NULL},
};

enum { BETWEEN_TRIES_MS = 20 };

/* The system may need a moment to take apart what it has killed. */
static struct outcome listen_there(int family)
{
    int64_t deadline = evidence_now() + (int64_t)settings.budgets.data * 1000;
    struct sockaddr_storage address = forerunner_address();
    struct spi_socket *listener = provider_socket(family, SOCK_STREAM, "the listener there");
    struct outcome outcome;

    while (outcome =
               spi_bind(listener, (const struct sockaddr *)&address, address_length(&address)),
           outcome_is_error(outcome, WSAEADDRINUSE) && evidence_now() < deadline) {
        WaitForSingleObject(GetCurrentProcess(), BETWEEN_TRIES_MS);
    }
    return outcome.failed ? outcome : spi_listen(listener, 1);
}

static BOOL stays_in_the_callback(struct callback_turn *turn)
{
    (void)turn;
    forerunner_stays_here();
}

/* The other process: it has a listener, and is blocked. */
static void be_killed(const struct case_row *row)
{
    struct stage *stage = arrange_blocked(row->function, row->family);
    bool in_callback = row->variant == IN_ITS_CALLBACK;
    struct blocked_call *call;

    require_outcome(NEEDED("provider"), "a listener", listen_there(row->family),
                    ONE_OF(RETURNS(0)));
    call = start_call(client_start("T1"), &stage->operation,
                      in_callback ? ACTS(stays_in_the_callback, NULL) : GOES_ON);
    if (!in_callback) {
        prove_blocked(call, 1);
        forerunner_stays_here();
    }
    wait_for_return(call, INFINITE);
}

/*
 * CLEANUP-08 (WSPCleanup): a process that ends without WSPCleanup, even in the middle of a blocking
 * call, is cleaned up after by the system; whatever a provider keeps outside of the process must
 * not be in the way of the next one that uses it.
 */
static void killed_process_disturbs_nobody(const struct case_row *row)
{
    struct client *t1;
    struct stage *stage;
    bool was_killed;

    if (is_forerunner()) {
        be_killed(row);
        return;
    }

    /* Another process listens, blocks, and is killed. */
    was_killed = run_and_kill_forerunner(row->family);

    /* Here the provider is started, and listens there. */
    stage = arrange_blocked(row->function, row->family);
    require_that(NEEDED("provider"), was_killed, "another process that does the same before this",
                 "it comes to be blocked, and is killed", "it does not come so far");
    expect_outcome(MUST("CLEANUP-08"), "WSPBind and WSPListen where a killed process has listened",
                   listen_there(row->family), ONE_OF(RETURNS(0)));

    /* Calls block, are cancelled, and complete. */
    t1 = client_start("T1");
    if (!join_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)), MUST("CLEANUP-08"))) {
        return;
    }
    stage = arrange_blocked(row->function, row->family);
    expect_completes(MUST("CLEANUP-08"), stage, start_call(t1, &stage->operation, GOES_ON));
}

CASE(startup, killed_process_disturbs_nobody) = {
    .run = killed_process_disturbs_nobody,
    .function = FROM_ROW,
    .requirements = "CLEANUP-08 CBC-01",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "kills a process that listens and is blocked, and does the same in the next one",
    .must = "the next process can listen there; its calls block, are cancelled, and complete",
    .proofs = PROOF_STARTED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
