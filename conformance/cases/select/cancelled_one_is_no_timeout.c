#include "harness/case.h"

enum { READ_SET, WRITE_SET, EXCEPTION_SET, SETS };

/* Added to the set: the select's time is limited. */
enum { TIMED = SETS, A_MINUTE_S = 60 };

#define ROW(set, which, version, address_family)                                                   \
    {                                                                                              \
        .name = #set "_ipv" #version, .function = SPI_WSPSelect, .family = (address_family),       \
        .variant = (which)                                                                         \
    }

static const struct case_row sets[] = {
    ROW(read, READ_SET, 4, AF_INET),
    ROW(write, WRITE_SET, 4, AF_INET),
    ROW(except, EXCEPTION_SET, 4, AF_INET),
    ROW(read, READ_SET, 6, AF_INET6),
    ROW(write, WRITE_SET, 6, AF_INET6),
    ROW(except, EXCEPTION_SET, 6, AF_INET6),
    ROW(timed_read, TIMED + READ_SET, 4, AF_INET),
    ROW(timed_write, TIMED + WRITE_SET, 4, AF_INET),
    ROW(timed_except, TIMED + EXCEPTION_SET, 4, AF_INET),
    {.name = NULL},
};

/*
 * SELECT-01 (WSPCancelBlockingCall: S10; WSPSelect): a cancelled select fails with WSAEINTR, in
 * whichever of the sets its sockets are. It does not return 0, for that says that its time is up.
 */
static void cancelled_one_is_no_timeout(const struct case_row *row)
{
    /* A socket that has nothing to read, no room to write, or nothing exceptional. */
    unsigned which = (unsigned)row->variant % SETS;
    struct stage *stage =
        arrange_blocked(which == WRITE_SET ? SPI_WSPSend : SPI_WSPSelect, row->family);
    struct client *t1 = client_start("T1");
    static struct operation select;

    if (which == WRITE_SET) {
        fill_until_unwritable(stage->socket);
    }
    select = operation_select(stage->socket->entry,
                              row->variant >= TIMED ? read_only_timeval(A_MINUTE_S, 0) : NULL);
    operation_select_add(&select, which, &stage->socket, 1);
    select.complete = stage->operation.complete;
    select.other_end = stage;

    /* T1 blocks in WSPSelect with that one set; its callback cancels. */
    struct blocked_call *call = start_call(t1, &select, CANCELS_AT(1));

    /* It fails with WSAEINTR. */
    join_cancelled(call, MUST("SELECT-01"));
}

CASE(select, cancelled_one_is_no_timeout) = {
    .run = cancelled_one_is_no_timeout,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect that waits with its read, its write or its exception set",
    .must = "it fails with WSAEINTR, and does not return 0",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "callback/is_called_while_blocked/select_ipv4",
    .rows = sets,
};
