#include "harness/case.h"
#include "harness/names.h"

enum { SAME_SOCKET, OTHER_SOCKET };

#define ROW(call, spi, which, socket, version, address_family, driven)                             \
    {                                                                                              \
        .name = #call "_" #which "_socket_ipv" #version, .function = SPI_##spi,                    \
        .family = (address_family), .variant = (socket), .modes = (driven),                        \
        .rests_on = "startup/starts callback/is_called_while_blocked/" #call "_ipv4"               \
    }

/* Without a callback it takes a while to show that a call waits: two rows will do. */
#define ROWS(version, address_family, driven)                                                      \
    ROW(accept, WSPAccept, same, SAME_SOCKET, version, address_family, driven),                    \
        ROW(select, WSPSelect, other, OTHER_SOCKET, version, address_family, MODE_DIRECT),         \
        ROW(recv, WSPRecv, same, SAME_SOCKET, version, address_family, MODE_DIRECT),               \
        ROW(recv, WSPRecv, other, OTHER_SOCKET, version, address_family, driven),                  \
        ROW(recvfrom, WSPRecvFrom, same, SAME_SOCKET, version, address_family, MODE_DIRECT)

static const struct case_row calls[] = {
    ROWS(4, AF_INET, DRIVEN_DIRECTLY), ROWS(6, AF_INET6, MODE_DIRECT), {.name = NULL}};

/*
 * STICKY-01 (WSPCancelBlockingCall: S7, S22): a cancel between two calls, which found nothing to
 * cancel, leaves the second alone: it waits as it should, and completes.
 */
static void idle_cancel_spares_the_next_call(const struct case_row *row)
{
    /* A socket on which the call can only wait, and the same or another for the second one. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct stage *next = row->variant == SAME_SOCKET ? arrange_again(stage)
                                                     : arrange_blocked(row->function, row->family);
    struct blocked_call *call;

    /* T1's first call waits and completes; then T1 cancels. */
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_blocked(call, 1);
    if (!expect_completes(NEEDED("provider"), stage, call)) {
        return;
    }
    idle_cancel_on(t1, stage->operation.entry);

    /* Its second call waits, and completes when its peer lets it. */
    call = start_call(t1, &next->operation, GOES_ON);
    if (expect_still_blocked(call, MUST("STICKY-01"),
                             about("%s on a thread that had cancelled between two calls",
                                   spi_function_name(row->function)))) {
        expect_completes(MUST("STICKY-01"), next, call);
    }
}

CASE(sticky, idle_cancel_spares_the_next_call) = {
    .run = idle_cancel_spares_the_next_call,
    .function = FROM_ROW,
    .requirements = "STICKY-01",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cancels between two blocked calls of one thread",
    .must = "the second call waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .rows = calls,
};
