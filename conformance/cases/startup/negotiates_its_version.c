#include "harness/case.h"

#include <stdio.h>

#define ROW(major, minor)                                                                          \
    {                                                                                              \
        .name = "version_" #major "_" #minor, .function = SPI_WSPStartup,                          \
        .variant = MAKEWORD((major), (minor))                                                      \
    }

static const struct case_row versions[] = {
    ROW(2, 0), ROW(2, 1), ROW(2, 2), ROW(2, 3), ROW(3, 2), {.name = NULL},
};

enum { VERSION_TEXT = 16 };

static const char *version_text(char *text, WORD version)
{
    snprintf(text, VERSION_TEXT, "%u.%u", LOBYTE(version), HIBYTE(version));
    return text;
}

/* The major number stands in the low byte: to compare two versions, turn them round. */
static WORD lower_version(WORD a, WORD b)
{
    return MAKEWORD(HIBYTE(a), LOBYTE(a)) < MAKEWORD(HIBYTE(b), LOBYTE(b)) ? a : b;
}

static void expect_version(const char *what, WORD wanted, WORD seen)
{
    char wanted_text[VERSION_TEXT];
    char seen_text[VERSION_TEXT];

    expect_that(MUST("STARTUP-02"), wanted == seen, what, version_text(wanted_text, wanted), "%s",
                version_text(seen_text, seen));
}

/*
 * STARTUP-02 (WSPStartup): whatever version is asked for, from the provider's lowest upwards, it
 * starts, tells the highest it has, and settles on the lower of that and the one asked for.
 */
static void negotiates_its_version(const struct case_row *row)
{
    /* What the provider tells when it is asked for 2.2, on which everything else here stands. */
    struct entry *entry = provider_start_any();
    WORD highest = entry->data.wHighVersion;
    WORD asked = (WORD)row->variant;
    bool newer = lower_version(asked, MAKEWORD(2, 2)) != asked;
    const struct acceptable *acceptable =
        newer ? ONE_OF(RETURNS(0)) : ONE_OF(RETURNS(0), FAILS_WITH(WSAVERNOTSUPPORTED));
    struct outcome outcome;

    /* It is cleaned up, and asked for the version of the row. */
    require_outcome(NEEDED("provider"), "WSPCleanup for a successful WSPStartup",
                    spi_cleanup(entry), ONE_OF(RETURNS(0)));
    entry->started--;
    outcome = provider_startup(entry, asked);

    /* It starts, unless the version is below the lowest it has, which cannot be above 2.2. */
    if (!expect_outcome(MUST("STARTUP-02"),
                        about("WSPStartup for version %u.%u", LOBYTE(asked), HIBYTE(asked)),
                        outcome, acceptable)) {
        return;
    }
    if (outcome.failed) {
        record_choice("refuses version %u.%u", LOBYTE(asked), HIBYTE(asked));
        return;
    }
    expect_version("wHighVersion, as when 2.2 was asked for", highest, entry->data.wHighVersion);
    expect_version("wVersion, the lower of the version asked for and wHighVersion",
                   lower_version(asked, entry->data.wHighVersion), entry->data.wVersion);
}

CASE(startup, negotiates_its_version) = {
    .run = negotiates_its_version,
    .function = SPI_WSPStartup,
    .requirements = "STARTUP-02",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "starts the provider, asking for the version of the row",
    .must = "it starts with the lower of that and its highest, unless it has none so low",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = versions,
};
