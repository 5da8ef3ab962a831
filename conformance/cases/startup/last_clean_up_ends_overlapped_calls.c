#include "harness/case.h"
#include "harness/names.h"

/* As the system itself says it: STATUS_CANCELLED, which has no name in the headers for winsock2. */
#define STATUS_OF_AN_ABORT 0xC0000120

#define ROW(call, spi, how, completion, version, address_family)                                   \
    {                                                                                              \
        .name = #call "_by_" #how "_ipv" #version, .function = SPI_##spi,                          \
        .family = (address_family), .variant = (completion)                                        \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, event, BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, routine, BY_ROUTINE, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, event, BY_EVENT, 4, AF_INET),
    ROW(send, WSPSend, event, BY_EVENT, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, routine, BY_ROUTINE, 4, AF_INET),
    ROW(send, WSPSend, routine, BY_ROUTINE, 4, AF_INET),
    ROW(recv, WSPRecv, event, BY_EVENT, 6, AF_INET6),
    ROW(recv, WSPRecv, routine, BY_ROUTINE, 6, AF_INET6),
    {.name = NULL},
};

/* What HasOverlappedIoCompleted asks. */
static bool is_in_progress(const struct overlapped *overlapped)
{
    return *(const volatile ULONG_PTR *)&overlapped_structure(overlapped)->Internal ==
           WSS_OPERATION_IN_PROGRESS;
}

/* Which of its fields holds the status is the provider's affair, as nobody asks it any more. */
static bool says_aborted(const struct overlapped *overlapped)
{
    const volatile WSAOVERLAPPED *fields = overlapped_structure(overlapped);

    return fields->Internal == WSA_OPERATION_ABORTED || fields->Internal == STATUS_OF_AN_ABORT ||
           fields->Offset == WSA_OPERATION_ABORTED || fields->OffsetHigh == WSA_OPERATION_ABORTED;
}

/*
 * CLEANUP-02 (WSPCleanup): the last clean-up ends overlapped operations, but without a word: no
 * event is set and no routine is run, for a client that cleans up has taken down what they stand
 * on. (WSPCloseSocket does tell.) The status, which nobody can be asked for any more, is recorded.
 */
static void last_clean_up_ends_overlapped_calls(const struct case_row *row)
{
    /* Two sockets on which the call can only wait. On the first it is pending, and completes. */
    enum completion how = (enum completion)row->variant;
    struct stage *control = arrange_blocked(row->function, row->family);
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    const char *name = spi_function_name(row->function);
    const struct overlapped *overlapped;

    begin_pending(t1, control, how);
    if (!expect_pending_completes(NEEDED("provider"), control, t1)) {
        return;
    }

    /* On the second it is pending, too, when the client cleans up for the last time. */
    begin_pending(t1, stage, how);
    overlapped = stage->operation.overlapped;
    require_that(NEEDED("provider"), !overlapped_has_completed(overlapped),
                 about("overlapped %s before the clean-up", name), "pending", "complete");
    require_outcome(NEEDED("provider"), "the last WSPCleanup, while an overlapped call is pending",
                    provider_clean_up_now(), ONE_OF(RETURNS(0)));

    /* Its thread, which waits alertably, hears nothing of it. */
    expect_that(MUST("CLEANUP-02"),
                !overlapped_wait(stage->operation.overlapped, t1, settings.budgets.quiet),
                about("overlapped %s that was pending at the last WSPCleanup", name),
                how == BY_EVENT ? "its event is not set" : "its completion routine is not run",
                how == BY_EVENT ? "the event is set" : "the routine is run");
    record_choice("an overlapped %s at the last WSPCleanup: %s, WSA_OPERATION_ABORTED %s", name,
                  is_in_progress(overlapped) ? "still in progress" : "no longer in progress",
                  says_aborted(overlapped) ? "in its structure" : "nowhere in its structure");
}

CASE(startup, last_clean_up_ends_overlapped_calls) = {
    .run = last_clean_up_ends_overlapped_calls,
    .function = SPI_WSPCleanup,
    .requirements = "CLEANUP-02",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cleans up for the last time while an overlapped operation is pending",
    .must = "WSPCleanup returns 0, no event is set, no completion routine is run",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = calls,
};
