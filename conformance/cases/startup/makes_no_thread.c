#include "harness/case.h"
#include "harness/census.h"

/*
 * STARTUP-07 (WSPStartup): a start costs little, for many a client that links to ws2_32 never makes
 * a socket; threads come with the first operation that needs one.
 */
static void makes_no_thread(const struct case_row *row)
{
    /* The threads that there are once the library is loaded. */
    struct census before;
    struct newcomers newcomers;

    (void)row;
    provider_load();
    require_that(NEEDED("environment"), census_take(&before), "the threads of the process",
                 "a list", "none");

    /* The provider is started, and does nothing else. */
    provider_start_any();

    /* No thread of its own has come. */
    newcomers = census_newcomers(&before);
    expect_number(SHOULD("STARTUP-07"), "threads that WSPStartup made", 0,
                  newcomers.not_of_the_system);
    require_that(NEEDED("provider"), newcomers.all == newcomers.not_of_the_system,
                 "threads of the system's libraries that came during WSPStartup", "none",
                 "some, which the provider may have caused or not");
}

CASE(startup, makes_no_thread) = {
    .run = makes_no_thread,
    .function = SPI_WSPStartup,
    .requirements = "STARTUP-07",
    .level = LEVEL_SHOULD,
    .modes = MODE_NO_CALLBACK,
    .does = "starts the provider, and counts threads",
    .must = "there are as many as before",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
};
