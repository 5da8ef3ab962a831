#include "harness/case.h"

/*
 * STARTUP-02 (WSPStartup): asked for version 2.2, a provider answers 0, with the version to use in
 * wVersion and the highest it has in wHighVersion; and the table it leaves is not empty.
 */
static void starts(const struct case_row *row)
{
    struct entry *entry = provider_start_any();
    WORD version = entry->data.wVersion;
    WORD high = entry->data.wHighVersion;

    (void)row;
    expect_that(MUST("STARTUP-02"), LOBYTE(version) == 2 && HIBYTE(version) <= 2,
                "wVersion after version 2.2 was asked for", "2.0 to 2.2", "%u.%u", LOBYTE(version),
                HIBYTE(version));
    expect_that(MUST("STARTUP-02"),
                MAKEWORD(HIBYTE(high), LOBYTE(high)) >= MAKEWORD(HIBYTE(version), LOBYTE(version)),
                "wHighVersion", "at least wVersion", "%u.%u", LOBYTE(high), HIBYTE(high));
}

CASE(startup, starts) = {
    .run = starts,
    .function = SPI_WSPStartup,
    .requirements = "STARTUP-02 STARTUP-01 STARTUP-04 PLATFORM-01",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT | MODE_NO_CALLBACK,
    .does = "starts the provider and asks for version 2.2",
    .must = "WSPStartup returns 0, tells its versions and fills in the proc table",
    .proofs = PROOF_STARTED,
    .gate = true,
};
