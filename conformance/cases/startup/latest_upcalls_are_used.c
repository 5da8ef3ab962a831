#include "harness/case.h"
#include "harness/names.h"
#include "harness/replaced.h"

#include <string.h>

/* Whether the socket of the call is made after the second start, or before it. */
enum { ON_A_LATER_SOCKET, ON_AN_EARLIER_SOCKET };

#define ROW(call, spi, suffix, socket, version, address_family)                                    \
    {                                                                                              \
        .name = #call suffix "_ipv" #version, .function = SPI_##spi, .family = (address_family),   \
        .variant = (socket), .modes = WITH_CALLBACK | MODE_NO_CALLBACK                             \
    }
#define ROW_EARLIER(call, spi, version, family)                                                    \
    ROW(call, spi, "_on_an_earlier_socket", ON_AN_EARLIER_SOCKET, version, family),

static const struct case_row uses[] = {
    {.name = "handles", .function = SPI_WSPSocket},
    ROW(recv, WSPRecv, "", ON_A_LATER_SOCKET, 4, AF_INET),
    ROW(accept, WSPAccept, "", ON_A_LATER_SOCKET, 4, AF_INET),
    SIX_CALLS_BOTH_FAMILIES(ROW_EARLIER){.name = NULL},
};

/* Which upcall came through the earlier table, for messages; "none". */
static const char *replaced_upcall(const LONG *before)
{
    for (int i = 0; i < UPCALL_COUNT; i++) {
        if (replaced_upcall_count((enum upcall)i) != before[i]) {
            return upcall_name((enum upcall)i);
        }
    }
    return "none";
}

static struct entry *start_first(const struct case_row *row)
{
    int type = row->function == SPI_WSPRecvFrom ? SOCK_DGRAM : SOCK_STREAM;
    struct entry *entry;

    if (row->function == SPI_WSPSocket) {
        return provider_start_any();
    }
    entry = provider_entry(entry_for(row->family, type));
    provider_start(entry);
    return entry;
}

/* A blocked call, which goes on until it has been called back. */
static void block_and_release(struct stage *stage)
{
    struct client *t1 = client_start("T1");
    struct blocked_call *call =
        start_call(t1, &stage->operation, goes_on_until(&stage->operation, 1));

    prove_blocked(call, 1);
    release_call(call);
}

/*
 * STARTUP-05 (WSPStartup): once the provider has been started a second time, its upcalls go through
 * the table of that start, be it for sockets made before or after. A provider that keeps the table
 * with each socket is right only for the later ones.
 */
static void latest_upcalls_are_used(const struct case_row *row)
{
    /* A provider started with one upcall table, and a socket. */
    struct entry *entry;
    struct spi_socket *early;
    struct stage *stage = NULL;
    LONG before[UPCALL_COUNT];
    LONG made;

    provider_hand_out(replaced_upcall_table);
    entry = start_first(row);
    if (row->variant == ON_AN_EARLIER_SOCKET) {
        stage = arrange_blocked(row->function, row->family);
    }
    early = provider_socket(entry->family, entry->type, "a socket made before");

    /* It is started again, with another one. */
    provider_hand_out(upcall_table);
    require_outcome(NEEDED("provider"), "WSPStartup of a provider that is started",
                    provider_startup(entry, MAKEWORD(2, 2)), ONE_OF(RETURNS(0)));
    for (int i = 0; i < UPCALL_COUNT; i++) {
        before[i] = replaced_upcall_count((enum upcall)i);
    }
    made = upcalls_made();

    /* Sockets are made and closed, and a call blocks. */
    if (row->function != SPI_WSPSocket) {
        block_and_release(stage != NULL ? stage : arrange_blocked(row->function, row->family));
    }
    require_outcome(NEEDED("provider"), "WSPCloseSocket of a socket made before the second start",
                    spi_close(early), ONE_OF(RETURNS(0)));
    require_outcome(NEEDED("provider"), "WSPCloseSocket of a socket made after it",
                    spi_close(provider_socket(entry->family, entry->type, "a socket made after")),
                    ONE_OF(RETURNS(0)));

    /* There were upcalls, and none of them went through the earlier table. */
    require_that(NEEDED("provider"), upcalls_made() > made, "upcalls after the second start",
                 "at least one", "none");
    expect_that(MUST("STARTUP-05"), strcmp(replaced_upcall(before), "none") == 0,
                "upcalls, after a second WSPStartup, through the table of the first", "none", "%s",
                replaced_upcall(before));
}

CASE(startup, latest_upcalls_are_used) = {
    .run = latest_upcalls_are_used,
    .function = FROM_ROW,
    .requirements = "STARTUP-05",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "starts the provider twice, with two upcall tables, and makes it use upcalls",
    .must = "it uses those of the second table alone",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = uses,
};
