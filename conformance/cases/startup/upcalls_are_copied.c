#include "harness/case.h"
#include "harness/names.h"
#include "harness/notice.h"
#include "harness/replaced.h"

/* What makes the provider use upcalls. */
enum use { HANDLES, HANDLES_OF_A_SECOND_START, BLOCKING, MESSAGES, ROUTINE };

#define ROW(name_of_row, spi, what)                                                                \
    {                                                                                              \
        .name = #name_of_row, .function = SPI_##spi, .family = AF_INET, .variant = (what),         \
        .modes = MODE_NO_CALLBACK                                                                  \
    }
#define ROW_CALLBACK(name_of_row, spi)                                                             \
    {                                                                                              \
        .name = #name_of_row, .function = SPI_##spi, .family = AF_INET, .variant = BLOCKING,       \
        .rests_on = "startup/starts startup/opens_closes_and_cleans_up "                           \
                    "callback/is_called_at_all",                                                   \
        .modes = WITH_CALLBACK | MODE_NO_CALLBACK, .proofs = PROOF_BLOCKED                         \
    }

static const struct case_row uses[] = {
    ROW(handles, WSPSocket, HANDLES),
    ROW(handles_of_a_second_start, WSPSocket, HANDLES_OF_A_SECOND_START),
    ROW_CALLBACK(callback_of_recv, WSPRecv),
    ROW_CALLBACK(callback_of_accept, WSPAccept),
    ROW(messages, WSPAsyncSelect, MESSAGES),
    ROW(completion_routine, WSPRecv, ROUTINE),
    {.name = NULL},
};

static void use_handles(bool twice)
{
    struct entry *entry = provider_start_any();

    if (twice) {
        require_outcome(NEEDED("provider"), "WSPStartup of a provider that is started",
                        provider_startup(entry, MAKEWORD(2, 2)), ONE_OF(RETURNS(0)));
    }
    require_outcome(NEEDED("provider"), "WSPCloseSocket of a new socket",
                    spi_close(provider_socket(entry->family, entry->type, "socket")),
                    ONE_OF(RETURNS(0)));
}

static void use_the_callback(const struct case_row *row)
{
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct blocked_call *call =
        start_call(client_start("T1"), &stage->operation, goes_on_until(&stage->operation, 1));

    prove_blocked(call, 1);
    release_call(call);
}

static void use_messages(int family)
{
    struct notice notice = arrange_notice(BY_ASYNC_SELECT, FD_READ, family);

    bring_about(&notice);
    expect_notice(NEEDED("provider"), &notice);
}

static void use_a_routine(const struct case_row *row)
{
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");

    begin_pending(t1, stage, BY_ROUTINE);
    expect_pending_completes(NEEDED("provider"), stage, t1);
}

static void use_upcalls(const struct case_row *row)
{
    switch ((enum use)row->variant) {
    case HANDLES:
    case HANDLES_OF_A_SECOND_START:
        use_handles(row->variant == HANDLES_OF_A_SECOND_START);
        return;
    case BLOCKING:
        use_the_callback(row);
        return;
    case MESSAGES:
        use_messages(row->family);
        return;
    case ROUTINE:
        use_a_routine(row);
        return;
    }
}

/* The first upcall that came through the memory that was overwritten, for messages; "none". */
static const char *upcall_from_dead_memory(void)
{
    for (int i = 0; i < UPCALL_COUNT; i++) {
        if (replaced_upcall_count((enum upcall)i) != 0) {
            return upcall_name((enum upcall)i);
        }
    }
    return "none";
}

/*
 * STARTUP-06 (header): the upcall table is an argument by value. Its memory is the caller's, who
 * uses it for something else once WSPStartup has returned; here for a table of other functions,
 * which work as well and count whoever uses them.
 */
static void upcalls_are_copied(const struct case_row *row)
{
    /* A provider that is started, and whose argument is overwritten then, makes upcalls. */
    provider_overwrite_upcalls(replaced_upcall_table);
    use_upcalls(row);

    /* It has kept them: none comes through what has been overwritten. */
    require_that(NEEDED("provider"), upcalls_made() > 0, "upcalls after WSPStartup", "at least one",
                 "none");
    expect_that(MUST("STARTUP-06"), replaced_upcalls() == 0,
                "upcalls, after WSPStartup, through what has overwritten its argument", "none",
                "%s", upcall_from_dead_memory());
}

CASE(startup, upcalls_are_copied) = {
    .run = upcalls_are_copied,
    .function = FROM_ROW,
    .requirements = "STARTUP-06",
    .level = LEVEL_MUST,
    .modes = MODE_NO_CALLBACK,
    .does = "overwrites the upcall table of WSPStartup afterwards, and makes it use upcalls",
    .must = "it uses those that it was given",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = uses,
};
