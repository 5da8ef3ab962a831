#include "harness/case.h"

#include "harness/guard.h"
#include "harness/names.h"

#include <stdlib.h>

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "startup/starts"                                                               \
    }

/* A connect that nothing cancels would wait for its peer to try again, for a second. */
static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(send, WSPSend, 4, AF_INET),
    ROW(recv, WSPRecv, 6, AF_INET6),
    {.name = NULL},
};

/* What runs on the blocked thread, if the provider's wait lets it in. */
struct apc {
    struct entry *entry;
    struct blocked_call *call;
    struct outcome cancel;
    HANDLE began;
    HANDLE over;
};

static void CALLBACK cancel_in_apc(ULONG_PTR argument)
{
    struct apc *apc = (struct apc *)argument;

    SetEvent(apc->began);
    apc->cancel = spi_cancel(apc->entry);
    blocked_note_cancel(apc->call, apc->cancel);
    SetEvent(apc->over);
}

/* The memory is the APC's for good: one that is not let in may run after the case. */
static struct apc *queue_apc(struct client *client, struct entry *entry, struct blocked_call *call)
{
    struct apc *apc = calloc(1, sizeof *apc);

    apc->entry = entry;
    apc->call = call;
    apc->began = CreateEventW(NULL, TRUE, FALSE, NULL);
    apc->over = CreateEventW(NULL, TRUE, FALSE, NULL);
    guard_handle(apc->began);
    guard_handle(apc->over);
    require_that(NEEDED("environment"),
                 QueueUserAPC(cancel_in_apc, client_handle(client), (ULONG_PTR)apc) != 0,
                 "QueueUserAPC", "an APC is queued", "it fails");
    return apc;
}

static const char *about_cancel(const char *name)
{
    return about("WSPCancelBlockingCall in an APC of the thread that %s blocks", name);
}

static void require_cancel_returned(const struct apc *apc, const char *name)
{
    if (WaitForSingleObject(apc->over, settings.budgets.cancel) != WAIT_OBJECT_0) {
        provider_skip_clean_up();
        stop_case(ending(MUST("CBC-25")), about_cancel(name), "it returns",
                  about("no return within %lu ms", settings.budgets.cancel));
    }
}

/*
 * CBC-23, CBC-25 (WSPCancelBlockingCall: S4, S7): a thread whose blocked call waits alertably may
 * cancel it from an APC. The cancel does not wait for what it interrupts, answers 0, and the call
 * ends with WSAEINTR. Whether a native wait is alertable is left to the provider.
 */
static void in_an_apc(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    const char *name = spi_function_name(row->function);
    struct blocked_call *call;
    struct apc *apc;

    /* T1, which has no callback, blocks; an APC is queued to it. */
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_blocked(call, 1);
    apc = queue_apc(t1, stage->operation.entry, call);
    if (WaitForSingleObject(apc->began, settings.budgets.quiet) != WAIT_OBJECT_0) {
        record_choice("%s without a blocking callback lets no APC in", name);
        expect_completes(NEEDED("provider"), stage, call);
        return;
    }

    /* It was let in, and cancels: the call ends. */
    require_cancel_returned(apc, name);
    if (!expect_outcome(SHOULD("CBC-23"), about_cancel(name), apc->cancel, ONE_OF(RETURNS(0)))) {
        release_call(call);
        return;
    }
    if (!expect_holds(ending(SHOULD("CBC-23")), wait_for_return(call, settings.budgets.cancel),
                      about("%s after it was cancelled in an APC", name), "it returns",
                      "no return within %lu ms", settings.budgets.cancel)) {
        release_call(call);
        return;
    }
    expect_outcome(SHOULD("CBC-23"), about("%s after it was cancelled in an APC", name),
                   call_outcome(call), ONE_OF(FAILS_WITH(WSAEINTR)));
}

CASE(cancel, in_an_apc) = {
    .run = in_an_apc,
    .function = FROM_ROW,
    .requirements = "CBC-23 CBC-25",
    .level = LEVEL_SHOULD,
    .modes = MODE_NO_CALLBACK,
    .does = "queues an APC that cancels to a thread whose call waits without a blocking callback",
    .must = "if the wait lets the APC in, the cancel returns 0 and the call ends with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED,
    .awaits_quiet = true,
    .rows = calls,
};
