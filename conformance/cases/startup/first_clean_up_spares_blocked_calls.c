#include "harness/case.h"
#include "harness/names.h"

/* How the blocked call ends, after the clean-up. */
enum { COMPLETES, CANCELLED };

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .variant = COMPLETES, .modes = WITH_CALLBACK | MODE_NO_CALLBACK                            \
    }
#define ROW_CANCELLED(call, spi, version, address_family)                                          \
    {.name = "cancelled_" #call "_ipv" #version,                                                   \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "startup/starts cancel/ends_the_blocked_call/" #call "_ipv4",                     \
     .variant = CANCELLED},

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET),      ROW(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),          ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(send, WSPSend, 4, AF_INET),          ROW(recv, WSPRecv, 6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, 6, AF_INET6), SIX_CALLS_BOTH_FAMILIES(ROW_CANCELLED){.name = NULL},
};

/* Of the clean-up. */
static struct outcome cleaned;

static void clean_up(void *argument)
{
    struct entry *entry = argument;

    entry->started--;
    cleaned = spi_cleanup(entry);
}

static void clean_up_on(struct client *client, struct entry *entry)
{
    client_post(client, clean_up, entry);
    if (!client_wait(client, settings.budgets.data)) {
        stop_case(ending(MUST("STARTUP-08")),
                  "the first WSPCleanup for two WSPStartup, while a call is blocked", "it returns",
                  "no return");
    }
    require_outcome(MUST("STARTUP-08"),
                    "the first WSPCleanup for two WSPStartup, while a call is blocked", cleaned,
                    ONE_OF(RETURNS(0)));
}

/*
 * STARTUP-08, CBC-01 (WSPStartup, WSPCleanup): a clean-up that is not the last one changes nothing.
 * A call that is blocked meanwhile goes on waiting, and ends as it would have: what it waits for
 * comes, or its callback cancels it. A provider that lets go of something with every clean-up, the
 * place where it remembers who is blocked, say, is found out here.
 */
static void first_clean_up_spares_blocked_calls(const struct case_row *row)
{
    /* A provider that was started twice, and a socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct entry *entry = stage->operation.entry;
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    bool cancelled = row->variant == CANCELLED;
    static volatile LONG told;
    struct blocked_call *call;

    require_outcome(NEEDED("provider"), "WSPStartup of a provider that is started",
                    provider_startup(entry, MAKEWORD(2, 2)), ONE_OF(RETURNS(0)));

    /* T1 blocks; T2 cleans up once. */
    call = start_call(t1, &stage->operation, cancelled ? CANCELS_WHEN_TOLD(&told) : GOES_ON);
    prove_blocked(call, 1);
    clean_up_on(t2, entry);

    /* T1's call is still blocked. */
    if (!expect_still_blocked(call, MUST("STARTUP-08"),
                              about("%s after the first WSPCleanup for two WSPStartup",
                                    spi_function_name(row->function)))) {
        return;
    }

    /* It ends as it would have ended. */
    InterlockedExchange(&told, 1);
    if (cancelled) {
        join_cancelled(call, MUST("STARTUP-08"));
    } else {
        expect_completes(MUST("STARTUP-08"), stage, call);
    }
}

CASE(startup, first_clean_up_spares_blocked_calls) = {
    .run = first_clean_up_spares_blocked_calls,
    .function = FROM_ROW,
    .requirements = "STARTUP-08 CBC-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "starts the provider twice, and cleans it up once while a call is blocked",
    .must = "the call waits on, and completes or can be cancelled as usual",
    .proofs = PROOF_STARTED | PROOF_BLOCKED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up callback/is_called_at_all",
    .rows = calls,
};
