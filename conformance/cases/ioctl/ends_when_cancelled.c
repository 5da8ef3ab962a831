#include "harness/case.h"

/* A change of the machine's addresses or routes may end a call before it is cancelled. */
enum { TRIES = 3 };

#define ROW(change, feature, version, address_family)                                              \
    {                                                                                              \
        .name = #change "_ipv" #version, .function = SPI_WSPIoctl, .family = (address_family),     \
        .variant = (feature)                                                                       \
    }
#define ROWS(version, family)                                                                      \
    ROW(address_list_change, FEATURE_ADDRESS_LIST_CHANGE, version, family),                        \
        ROW(routing_interface_change, FEATURE_ROUTING_INTERFACE_CHANGE, version, family)

static const struct case_row changes[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/*
 * IOCTL-01 (WSPCancelBlockingCall: S10; K4): to wait for a change of the machine's addresses or
 * routes is a blocking call like any other. Cancelled, it ends with WSAEINTR, and closing the
 * socket works (PCS-02).
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_awaited_change((enum feature)row->variant, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call = NULL;

    /* T1 blocks in WSPIoctl; its callback cancels. If just then there was a change, once more. */
    for (int i = 0; i < TRIES; i++) {
        struct stage *wait = arrange_again(stage);
        call = start_call(t1, &wait->operation, CANCELS_AT(1));
        require_code_offered(wait, call);
        require_ioctl_called_back(call);
        if (!wait_for_return(call, settings.budgets.cancel) || call_outcome(call).failed) {
            break;
        }
    }

    /* It ends with WSAEINTR, and the socket can be closed. */
    if (join_cancelled(call, MUST("IOCTL-01"))) {
        expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPIoctl", stage->socket);
    }
}

CASE(ioctl, ends_when_cancelled) = {
    .run = ends_when_cancelled,
    .function = SPI_WSPIoctl,
    .requirements = "IOCTL-01 PCS-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPIoctl that waits for a change of the machine's addresses or routes",
    .must = "it fails with WSAEINTR, and the socket can be closed",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = changes,
};
