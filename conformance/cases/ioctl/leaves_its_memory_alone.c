#include "harness/case.h"

/* A change of the machine's addresses or routes may end a call before it is cancelled. */
enum { TRIES = 3, OUT_SIZE = 256 };

#define ROW(change, feature, version, address_family)                                              \
    {                                                                                              \
        .name = #change "_ipv" #version, .function = SPI_WSPIoctl, .family = (address_family),     \
        .variant = (feature)                                                                       \
    }
#define ROWS(version, family)                                                                      \
    ROW(address_list_change, FEATURE_ADDRESS_LIST_CHANGE, version, family),                        \
        ROW(routing_interface_change, FEATURE_ROUTING_INTERFACE_CHANGE, version, family)

static const struct case_row changes[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/* One that nothing has ended before the callback cancelled it. */
static struct stage *wait_and_cancel(struct stage *stage, struct client *t1)
{
    struct blocked_call *call = NULL;
    struct stage *wait = stage;

    for (int i = 0; i < TRIES; i++) {
        wait = arrange_again(stage);
        call = start_call(t1, &wait->operation, CANCELS_AT(1));
        require_code_offered(wait, call);
        require_ioctl_called_back(call);
        if (!wait_for_return(call, settings.budgets.cancel) || call_outcome(call).failed) {
            break;
        }
    }
    require_cancelled(call);
    return wait;
}

/*
 * IOCTL-02 (WSPCancelBlockingCall: S10, derived): once a cancelled WSPIoctl has returned it is
 * over, and its memory is the client's again. A provider that has left a request behind writes
 * there when that ends: with the awaited change, which a case cannot bring about, or at the latest
 * when the socket is closed.
 */
static void leaves_its_memory_alone(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a connection beside it. */
    struct stage *stage = arrange_awaited_change((enum feature)row->variant, row->family);
    struct stage *beside = arrange_blocked(SPI_WSPRecvFrom, row->family);
    struct client *t1 = client_start("T1");
    struct stage *cancelled;

    /* T1 blocks in WSPIoctl, with room for what might come out; its callback cancels. */
    stage->operation.out = buffer_new("the output buffer", OUT_SIZE);
    cancelled = wait_and_cancel(stage, t1);

    /* The client uses the memory for something else; then the socket is closed, and data comes
     * beside it, so that whoever waits in secret has the time to be woken. */
    operation_poison_anew(&cancelled->operation);
    expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPIoctl", stage->socket);
    messages_pass_beside(beside, t1, &cancelled->operation);

    /* The memory is as the client left it. */
    expect_memory_untouched(MUST("IOCTL-02"), &cancelled->operation);
}

CASE(ioctl, leaves_its_memory_alone) = {
    .run = leaves_its_memory_alone,
    .function = SPI_WSPIoctl,
    .requirements = "IOCTL-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPIoctl that waits for a change, fills its memory anew, and closes",
    .must = "neither the output buffer nor lpcbBytesReturned is written to any more",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = changes,
};
