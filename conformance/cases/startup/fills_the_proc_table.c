#include "harness/case.h"
#include "harness/names.h"

#include <string.h>

static bool is_executable(const void *address)
{
    static const DWORD executable =
        PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
    MEMORY_BASIC_INFORMATION memory;

    return VirtualQuery(address, &memory, sizeof memory) != 0 && memory.State == MEM_COMMIT &&
           (memory.Protect & executable) != 0;
}

static const char *content_of(const WSPPROC_TABLE *table, unsigned index)
{
    const void *slot = table_slot(table, index);

    if (slot == NULL) {
        return "NULL";
    }
    if (slot == table_poison(index)) {
        return "what stood there before, for nothing was written";
    }
    return is_executable(slot) ? "a function" : "a pointer to what cannot be executed";
}

/*
 * STARTUP-04 (header; error codes overview, WSAEINVALIDPROCTABLE): a successful WSPStartup leaves a
 * function in each of the 30 entries of the proc table.
 */
static void fills_the_proc_table(const struct case_row *row)
{
    /* Before the start every entry holds a value of its own that is no function. */
    struct entry *entry = provider_start_any();

    /* Afterwards each of them holds one. */
    (void)row;
    for (unsigned i = 0; i < SPI_TABLE_SIZE; i++) {
        const char *content = content_of(&entry->table, i);
        expect_that(MUST("STARTUP-04"), strcmp(content, "a function") == 0,
                    about("entry %u of the proc table, lp%s, after WSPStartup", i,
                          spi_function_name((enum spi_function)i)),
                    "a function", "%s", content);
    }
}

CASE(startup, fills_the_proc_table) = {
    .run = fills_the_proc_table,
    .function = SPI_WSPStartup,
    .requirements = "STARTUP-04 PLATFORM-01",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "starts the provider with a proc table that holds no function anywhere",
    .must = "afterwards every one of its 30 entries holds a function",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
};
