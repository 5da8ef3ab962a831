#include "harness/case.h"

/* The set that the non-blocking socket is in. */
enum { READ_SET, WRITE_SET, EXCEPTION_SET };

#define ROW(name_of_row, which, version, address_family)                                           \
    {                                                                                              \
        .name = name_of_row "ipv" #version, .function = SPI_WSPSelect, .family = (address_family), \
        .variant = (which)                                                                         \
    }

static const struct case_row sets[] = {
    ROW("", READ_SET, 4, AF_INET),
    ROW("", READ_SET, 6, AF_INET6),
    ROW("to_write_", WRITE_SET, 4, AF_INET),
    ROW("for_exceptions_", EXCEPTION_SET, 4, AF_INET),
    {.name = NULL},
};

/*
 * SELECT-08 (WSPCancelBlockingCall: S16): it is the call that blocks, not the sockets. A select
 * that waits for a blocking and a non-blocking socket blocks, and can be cancelled.
 */
static void nonblocking_members(const struct case_row *row)
{
    /* Two streams on which nothing was sent; the first is non-blocking, and perhaps full. */
    bool to_write = row->variant == WRITE_SET;
    struct stage *nonblocking =
        arrange_blocked(to_write ? SPI_WSPSend : SPI_WSPSelect, row->family);
    struct stage *stage = arrange_blocked(SPI_WSPSelect, row->family);
    struct client *t1 = client_start("T1");
    static struct operation select;
    static volatile LONG told;
    struct blocked_call *call;

    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1",
                    spi_set_nonblocking(nonblocking->socket, true), ONE_OF(RETURNS(0)));
    if (to_write) {
        fill_until_unwritable(nonblocking->socket);
    }
    select = operation_select(stage->socket->entry, NULL);
    if (row->variant == READ_SET) {
        struct spi_socket *both[] = {nonblocking->socket, stage->socket};
        operation_select_add(&select, READ_SET, both, ARRAYSIZE(both));
    } else {
        operation_select_add(&select, READ_SET, &stage->socket, 1);
        operation_select_add(&select, (unsigned)row->variant, &nonblocking->socket, 1);
    }
    select.complete = stage->operation.complete;
    select.other_end = stage;

    /* T1 makes the WSPSelect with both of them, and it blocks. */
    call = start_call(t1, &select, CANCELS_WHEN_TOLD(&told));
    if (!expect_still_blocked(call, MUST("SELECT-08"),
                              "WSPSelect with a non-blocking socket in one of its sets")) {
        return;
    }

    /* Its callback cancels, and it fails with WSAEINTR. */
    InterlockedExchange(&told, 1);
    join_cancelled(call, MUST("SELECT-08"));
}

CASE(select, nonblocking_members) = {
    .run = nonblocking_members,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-08",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect over a blocking and a non-blocking socket",
    .must = "it fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = sets,
};
