#include "harness/case.h"

enum { OLDEST_VERSION = MAKEWORD(0, 1) };

static const struct case_row situations[] = {
    {.name = "after_the_last", .function = SPI_WSPCleanup},
    {.name = "after_a_refused_start", .function = SPI_WSPCleanup, .variant = OLDEST_VERSION},
    {.name = NULL},
};

static void clean_up(struct entry *entry)
{
    require_outcome(NEEDED("provider"), "WSPCleanup for a successful WSPStartup",
                    spi_cleanup(entry), ONE_OF(RETURNS(0)));
    entry->started--;
}

/* A start that is refused leaves the table as it was found; the earlier one is still good. */
static void start_for_nobody(struct entry *entry, WORD version)
{
    WSPPROC_TABLE table = entry->table;

    if (provider_startup(entry, version).failed) {
        entry->table = table;
        return;
    }
    record_choice("starts for version %u.%u", LOBYTE(version), HIBYTE(version));
    clean_up(entry);
}

/*
 * CLEANUP-05 (WSPCleanup: error codes): a clean-up with no successful start-up left to match it
 * fails with WSANOTINITIALISED. STARTUP-08: it is not counted, so the provider starts as before.
 */
static void clean_up_needs_a_start(const struct case_row *row)
{
    /* A provider that was started, and cleaned up. */
    struct entry *entry = provider_start_any();
    struct outcome outcome;
    SOCKET made;

    clean_up(entry);

    /* Perhaps it refuses to start, for a version that nobody has: then nothing is owed. */
    if (row->variant != 0) {
        start_for_nobody(entry, (WORD)row->variant);
    }

    /* Another clean-up has nothing to end. */
    outcome = spi_cleanup(entry);
    expect_outcome(MUST("CLEANUP-05"), "WSPCleanup without a WSPStartup to match it", outcome,
                   ONE_OF(FAILS_WITH(WSANOTINITIALISED)));

    /* The next start works as the first did. */
    outcome = provider_startup(entry, MAKEWORD(2, 2));
    if (expect_outcome(MUST("STARTUP-08"), "WSPStartup after a WSPCleanup too many", outcome,
                       ONE_OF(RETURNS(0))) &&
        expect_outcome(MUST("STARTUP-08"), "WSPSocket after that WSPStartup",
                       spi_socket(entry, WSA_FLAG_OVERLAPPED, &made), ONE_OF(SUCCEEDS))) {
        provider_adopt(entry, made, "a socket");
    }
}

CASE(startup, clean_up_needs_a_start) = {
    .run = clean_up_needs_a_start,
    .function = SPI_WSPCleanup,
    .requirements = "CLEANUP-05 STARTUP-08",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cleans up once more than the provider was started",
    .must = "WSPCleanup fails with WSANOTINITIALISED, and the provider starts again",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = situations,
};
