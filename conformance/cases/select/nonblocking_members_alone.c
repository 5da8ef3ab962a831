#include "harness/case.h"

/*
 * SELECT-08 (WSPSelect, silent): whether the blocking callback is called by a select all of whose
 * sockets are non-blocking is not said, and is recorded. Where it is called, a cancel made in it is
 * for an outstanding blocking call, and works.
 */
static void nonblocking_members_alone(const struct case_row *row)
{
    /* A non-blocking stream on which nothing was sent. */
    struct stage *stage = arrange_blocked(SPI_WSPSelect, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1",
                    spi_set_nonblocking(stage->socket, true), ONE_OF(RETURNS(0)));

    /* T1 makes a WSPSelect that can only wait for it; a callback would cancel. */
    call = start_call(t1, &stage->operation, CANCELS_AT(1));

    /* If it is called the select fails with WSAEINTR. */
    if (wait_for_callback(call, 1, settings.budgets.hook)) {
        record_choice("WSPSelect over non-blocking sockets alone calls the blocking callback");
        join_cancelled(call, MUST("SELECT-08"));
        return;
    }

    /* If not, it is left as it was, and ends by what its peer sends. */
    record_choice("WSPSelect over non-blocking sockets alone %s",
                  call_returned(call) ? "does not wait" : "waits without the blocking callback");
    release_call(call);
}

CASE(select, nonblocking_members_alone) = {
    .run = nonblocking_members_alone,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-08",
    .level = LEVEL_INFO,
    .modes = WITH_CALLBACK,
    .does = "makes a WSPSelect that waits for a non-blocking socket only",
    .must = "if the blocking callback is called, a cancel in it ends the call with WSAEINTR",
    .proofs = PROOF_STARTED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = BOTH_FAMILIES(WSPSelect),
};
