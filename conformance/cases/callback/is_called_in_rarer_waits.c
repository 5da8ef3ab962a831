#include "harness/names.h"
#include "harness/prompt.h"

enum { A_MINUTE_S = 60 };

#define ROW(name_of, spi, version, address_family, gate)                                           \
    {                                                                                              \
        .name = #name_of "_ipv" #version, .function = SPI_##spi, .family = (address_family),       \
        .rests_on = (gate)                                                                         \
    }

static const struct case_row waits[] = {
    ROW(lingering_close, WSPCloseSocket, 4, AF_INET, "callback/is_called_while_blocked/send_ipv4"),
    ROW(lingering_close, WSPCloseSocket, 6, AF_INET6, "callback/is_called_while_blocked/send_ipv4"),
    ROW(address_list_change, WSPIoctl, 4, AF_INET, "callback/is_called_while_blocked/recv_ipv4"),
    ROW(address_list_change, WSPIoctl, 6, AF_INET6, "callback/is_called_while_blocked/recv_ipv4"),
    {.name = NULL},
};

static struct stage *arrange(enum spi_function function, int family)
{
    struct stage *stage;

    if (function == SPI_WSPIoctl) {
        return arrange_awaited_change(FEATURE_ADDRESS_LIST_CHANGE, family);
    }
    stage = arrange_unsent(family);
    require_linger(stage->socket, true, A_MINUTE_S);
    stage->operation = with_peer_reading(operation_close(stage->socket), stage);
    return stage;
}

/*
 * BHK-01 (upcalls overview): a WSPIoctl that waits for news, and a WSPCloseSocket that lingers, are
 * blocking calls, too, in which a client wants to be called back. That is advice, as few stacks let
 * them.
 */
static void is_called_in_rarer_waits(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange(row->function, row->family);
    const char *name = spi_function_name(row->function);
    bool called;

    /* T1 makes the call. */
    struct blocked_call *call = start_call(client_start("T1"), &stage->operation, GOES_ON);
    if (row->function == SPI_WSPIoctl) {
        require_code_offered(stage, call);
    }

    /* Its blocking callback is called. */
    called = wait_for_callback(call, 1, settings.budgets.hook);
    require_that(NEEDED("provider"), called || !call_returned(call),
                 about("%s, which can only wait (G1)", name), "it waits", "it has returned");
    expect_that(SHOULD("BHK-01"), called, about("the blocking callback in %s, which waits", name),
                about("it is called within %lu ms", settings.budgets.hook), "it is not called");
    release_call(call);
}

CASE(callback, is_called_in_rarer_waits) = {
    .run = is_called_in_rarer_waits,
    .function = FROM_ROW,
    .requirements = "BHK-01",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "lets a WSPCloseSocket linger, or a WSPIoctl wait for a change",
    .must = "the blocking callback is called",
    .proofs = PROOF_STARTED,
    .rows = waits,
};
