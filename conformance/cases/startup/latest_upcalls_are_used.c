#include "harness/case.h"
#include "harness/names.h"
#include "harness/replaced.h"

#include <string.h>

static const struct case_row uses[] = {
    {.name = "handles", .function = SPI_WSPSocket},
    {.name = "recv_ipv4",
     .function = SPI_WSPRecv,
     .family = AF_INET,
     .modes = WITH_CALLBACK | MODE_NO_CALLBACK},
    {.name = "accept_ipv4",
     .function = SPI_WSPAccept,
     .family = AF_INET,
     .modes = WITH_CALLBACK | MODE_NO_CALLBACK},
    {.name = NULL},
};

static LONG all_upcalls(void)
{
    LONG sum = 0;

    for (int i = 0; i < UPCALL_COUNT; i++) {
        sum += upcall_count((enum upcall)i);
    }
    return sum;
}

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

/* A blocked call, which goes on until its peer lets it complete. */
static void block_and_release(const struct case_row *row)
{
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call = start_call(t1, &stage->operation, GOES_ON);

    prove_blocked(call, 1);
    release_call(call);
}

/*
 * STARTUP-05 (WSPStartup): once the provider has been started a second time, its upcalls go through
 * the table of that start, be it for sockets made before or after.
 */
static void latest_upcalls_are_used(const struct case_row *row)
{
    /* A provider started with one upcall table, and a socket. */
    struct entry *entry;
    struct spi_socket *early;
    LONG before[UPCALL_COUNT];
    LONG made;

    provider_hand_out(replaced_upcall_table);
    if (row->function == SPI_WSPSocket) {
        entry = provider_start_any();
    } else {
        entry = provider_entry(entry_for(row->family, SOCK_STREAM));
        provider_start(entry);
    }
    early = provider_socket(entry->family, entry->type, "a socket made before");

    /* It is started again, with another one. */
    provider_hand_out(upcall_table);
    require_outcome(NEEDED("provider"), "WSPStartup of a provider that is started",
                    provider_startup(entry, MAKEWORD(2, 2)), ONE_OF(RETURNS(0)));
    for (int i = 0; i < UPCALL_COUNT; i++) {
        before[i] = replaced_upcall_count((enum upcall)i);
    }
    made = all_upcalls();

    /* Sockets are made and closed, and a call blocks. */
    if (row->function != SPI_WSPSocket) {
        block_and_release(row);
    }
    require_outcome(NEEDED("provider"), "WSPCloseSocket of a socket made before the second start",
                    spi_close(early), ONE_OF(RETURNS(0)));
    require_outcome(NEEDED("provider"), "WSPCloseSocket of a socket made after it",
                    spi_close(provider_socket(entry->family, entry->type, "a socket made after")),
                    ONE_OF(RETURNS(0)));

    /* There were upcalls, and none of them went through the earlier table. */
    require_that(NEEDED("provider"), all_upcalls() > made, "upcalls after the second start",
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
