#include "harness/case.h"

enum { NOT_STARTED, STARTED };

/* Error codes of Winsock and of the system. */
enum { HIGHEST_CODE = 65535 };

static const struct case_row situations[] = {
    {.name = "before_a_start", .function = SPI_WSPStartup, .variant = NOT_STARTED},
    {.name = "after_a_start", .function = SPI_WSPStartup, .variant = STARTED},
    {.name = NULL},
};

static void clean_up(struct entry *entry, struct demand demand, const char *what)
{
    require_outcome(demand, what, spi_cleanup(entry), ONE_OF(RETURNS(0)));
    entry->started--;
}

/* A start that is refused leaves the table as it was found; the earlier one is still good. */
static bool is_refused(struct entry *entry, WORD version)
{
    WSPPROC_TABLE table = entry->table;
    struct outcome outcome = provider_startup(entry, version);

    entry->table = table;
    if (!outcome.failed) {
        record_choice("starts for version %u.%u", LOBYTE(version), HIBYTE(version));
        clean_up(entry, NEEDED("provider"), "WSPCleanup for a successful WSPStartup");
        return false;
    }
    expect_that(
        MUST("STARTUP-03"), outcome.error > 0 && outcome.error <= HIGHEST_CODE,
        about("WSPStartup for version %u.%u, which is refused", LOBYTE(version), HIBYTE(version)),
        "the code of an error", "%d", outcome.error);
    return true;
}

/* With versions below the lowest that a provider knows; true if there is one. */
static bool any_is_refused(struct entry *entry)
{
    static const WORD versions[] = {MAKEWORD(0, 0), MAKEWORD(0, 1), MAKEWORD(1, 0), MAKEWORD(1, 1)};
    bool refused = false;

    for (size_t i = 0; i < ARRAYSIZE(versions); i++) {
        refused = is_refused(entry, versions[i]) || refused;
    }
    return refused;
}

/*
 * STARTUP-03 (WSPStartup): a start that fails says why by its return value, for there is no
 * lpErrno. It has not happened: sockets that there are go on working, and no clean-up is owed for
 * it, so that the one for the start that succeeded is the last.
 */
static void refused_start_owes_nothing(const struct case_row *row)
{
    /* A provider that was started, and perhaps cleaned up, and is asked for what it refuses. */
    struct entry *entry = provider_start_any();
    struct spi_socket *socket = provider_socket(entry->family, entry->type, "socket");
    SOCKET made;
    int size = sizeof(int);
    int type;

    if (row->variant == NOT_STARTED) {
        require_outcome(NEEDED("provider"), "WSPCloseSocket of a new socket", spi_close(socket),
                        ONE_OF(RETURNS(0)));
        clean_up(entry, NEEDED("provider"), "WSPCleanup for a successful WSPStartup");
    }
    require_that(NEEDED("provider"), any_is_refused(entry), "versions that the provider refuses",
                 "at least one of 0.0, 0.1, 1.0 and 1.1", "none");

    /* If it was not started, it starts; if it was, its socket works as before. */
    if (row->variant == NOT_STARTED) {
        require_outcome(NEEDED("provider"), "WSPStartup after one that was refused",
                        provider_startup(entry, MAKEWORD(2, 2)), ONE_OF(RETURNS(0)));
    } else {
        expect_outcome(MUST("STARTUP-03"), "WSPGetSockOpt after a WSPStartup that was refused",
                       spi_get_option(socket, SOL_SOCKET, SO_TYPE, &type, &size),
                       ONE_OF(RETURNS(0)));
        require_outcome(NEEDED("provider"), "WSPCloseSocket of a new socket", spi_close(socket),
                        ONE_OF(RETURNS(0)));
    }

    /* One clean-up for the start that succeeded is the last. */
    clean_up(entry, MUST("STARTUP-03"), "WSPCleanup for the WSPStartup that was not refused");
    expect_outcome(MUST("STARTUP-03"),
                   "WSPSocket after as many WSPCleanup as WSPStartup that were not refused",
                   spi_socket(entry, WSA_FLAG_OVERLAPPED, &made),
                   ONE_OF(FAILS_WITH(WSANOTINITIALISED)));
}

CASE(startup, refused_start_owes_nothing) = {
    .run = refused_start_owes_nothing,
    .function = SPI_WSPStartup,
    .requirements = "STARTUP-03",
    .level = LEVEL_MUST,
    .modes = MODE_NO_CALLBACK,
    .does = "asks WSPStartup for versions that nobody has had for long",
    .must = "it returns an error code, and leaves no WSPCleanup to be called",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = situations,
};
