#include "harness/case.h"

#include <string.h>

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

/* Any socket will do; the provider may have one kind only. */
static struct spi_socket *arrange_socket(int family)
{
    bool stream = !settings.claimed_absent[entry_for(family, SOCK_STREAM)];

    return provider_socket(family, stream ? SOCK_STREAM : SOCK_DGRAM, "socket");
}

static struct operation wait_for_change(struct spi_socket *socket, const struct case_row *row)
{
    struct sockaddr_storage to = local_address(row->family);
    struct buffer *in = NULL;

    if (row->variant == FEATURE_ADDRESS_LIST_CHANGE) {
        return operation_ioctl(socket, (DWORD)SIO_ADDRESS_LIST_CHANGE, NULL);
    }
    in = buffer_new("the address whose route may change", (size_t)address_length(&to));
    memcpy(in->bytes, &to, in->size);
    return operation_ioctl(socket, (DWORD)SIO_ROUTING_INTERFACE_CHANGE, in);
}

/* Most providers know some codes, and refuse the others at once. */
static void require_offered(struct blocked_call *call, intptr_t feature)
{
    char text[128];
    bool refused;

    if (wait_for_callback(call, 1, settings.budgets.hook) || !call_returned(call)) {
        return;
    }
    refused = call_outcome(call).failed && !outcome_is_error(call_outcome(call), WSAEINTR);
    require_that(settings.claimed_lacking[feature] ? OFFERED : NEEDED("provider"), !refused,
                 "WSPIoctl for a change that has not come yet (G5)", "it waits", "%s",
                 outcome_text(text, sizeof text, call_outcome(call)));
}

/*
 * IOCTL-01 (WSPCancelBlockingCall: S10; K4): to wait for a change of the machine's addresses or
 * routes is a blocking call like any other. Cancelled, it ends with WSAEINTR, and closing the
 * socket works (PCS-02).
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A socket. */
    struct spi_socket *socket = arrange_socket(row->family);
    struct client *t1 = client_start("T1");
    static struct operation waits[TRIES];
    struct blocked_call *call = NULL;

    /* T1 blocks in WSPIoctl; its callback cancels. If just then there was a change, once more. */
    for (int i = 0; i < TRIES; i++) {
        waits[i] = wait_for_change(socket, row);
        call = start_call(t1, &waits[i], CANCELS_AT(1));
        require_offered(call, row->variant);
        if (!wait_for_return(call, settings.budgets.cancel) || call_outcome(call).failed) {
            break;
        }
    }

    /* It ends with WSAEINTR, and the socket can be closed. */
    if (join_cancelled(call, MUST("IOCTL-01"))) {
        expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPIoctl", socket);
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
