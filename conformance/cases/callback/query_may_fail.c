#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family)},

static const struct case_row calls[] = {
    ROW(connect, WSPConnect, 4, AF_INET) ROW(accept, WSPAccept, 4, AF_INET)
        ROW(select, WSPSelect, 4, AF_INET) ROW(recv, WSPRecv, 4, AF_INET)
            ROW(recvfrom, WSPRecvFrom, 4, AF_INET) ROW(send, WSPSend, 4, AF_INET)
                ROW(recv, WSPRecv, 6, AF_INET6){.name = NULL},
};

/* As often as a provider may ask. */
enum { EVERY_TIME = 1 << 30 };

/* A call that ends by itself does so with a code of Windows Sockets, which it stores. */
static void expect_proper_error(const struct blocked_call *call, const char *name)
{
    struct outcome outcome = call_outcome(call);
    bool is_proper = outcome.failed && outcome.error_stored && error_name(outcome.error) != NULL &&
                     outcome.error != WSAEINTR;
    char text[128];

    expect_holds(SHOULD("BHK-12"), is_proper,
                 about("%s for which WPUQueryBlockingCallback failed", name),
                 "it waits, or fails with a code of Windows Sockets", "%s",
                 outcome_text(text, sizeof text, outcome));
    if (is_proper) {
        record_choice("%s ends with %s when WPUQueryBlockingCallback fails", name,
                      error_text(text, sizeof text, outcome.error));
    }
}

/*
 * BHK-12 (WPUQueryBlockingCallback): that upcall can fail, and then gives neither a callback nor a
 * context. The call waits without one, or says that it cannot.
 */
static void query_may_fail(const struct case_row *row)
{
    /* A socket on which the call can only wait, and an upcall that fails. */
    struct stage *stage = row->function == SPI_WSPConnect
                              ? arrange_stalled_connect(row->family)
                              : arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;
    const char *name = spi_function_name(row->function);

    upcall_let_fail(UPCALL_WPUQueryBlockingCallback, WSAEINVAL, EVERY_TIME);

    /* T1 blocks, and the provider asks in vain. */
    call = start_call(t1, &stage->operation, GOES_ON);
    if (!wait_for_query(call, settings.budgets.quiet)) {
        stop_case(resting_on(NEEDED("provider"), "callback/is_called_at_all"),
                  about("WPUQueryBlockingCallback during %s (G2)", name), "asked", "not asked");
    }

    /* If the call waits, it completes when its peer lets it; else it says what it suffers from. */
    if (wait_for_return(call, settings.budgets.quiet)) {
        expect_proper_error(call, name);
    } else {
        expect_ends(SHOULD("BHK-12"), stage, call);
    }
}

CASE(callback, query_may_fail) = {
    .run = query_may_fail,
    .function = FROM_ROW,
    .requirements = "BHK-12",
    .level = LEVEL_SHOULD,
    .modes = MODE_DIRECT,
    .does = "lets WPUQueryBlockingCallback fail during the call",
    .must = "the call waits and completes, or fails with a code of Windows Sockets",
    .proofs = PROOF_STARTED,
    .awaits_syn = true,
    .awaits_quiet = true,
    .rests_on = "startup/starts",
    .rows = calls,
};
