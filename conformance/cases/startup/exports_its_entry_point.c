#include "harness/case.h"

/* What the arguments of WSPStartup take on the stack of x86, the upcall table among them. */
enum { STACK_BYTES = 76 };

/*
 * STARTUP-01 (WSPStartup): the library exports WSPStartup by that very name, and the function is
 * called as the header has it: __stdcall, with the upcall table itself among its arguments.
 */
static void exports_its_entry_point(const struct case_row *row)
{
    /* Loading judges the export. */
    struct entry *entry;

    (void)row;
    provider_load();

    /* WSPStartup is called; on x86 it takes its arguments from the stack, all of them. */
    entry = provider_start_any();
    if (entry->popped >= 0) {
        expect_number(MUST("STARTUP-01"), "how many bytes WSPStartup took from the stack",
                      STACK_BYTES, entry->popped);
    }
}

CASE(startup, exports_its_entry_point) = {
    .run = exports_its_entry_point,
    .function = SPI_WSPStartup,
    .requirements = "STARTUP-01 PLATFORM-01",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "looks for WSPStartup among the exports of the library, and calls it",
    .must = "it is there under that name, and takes its arguments as the header has them",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
};
