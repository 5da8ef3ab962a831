#include "harness/case.h"

/* How the call ends during which a thread may have been opened. */
enum ending { CANCELLED, COMPLETED, TIMED_OUT, BY_ITS_ROUTINE, CLEANED_UP };

enum { A_MOMENT_MS = 50 };

#define ROW_CANCELLED(call, spi, version, address_family)                                          \
    {                                                                                              \
        .name = "cancelled_" #call "_ipv" #version, .function = SPI_##spi,                         \
        .family = (address_family),                                                                \
        .rests_on = "startup/starts cancel/ends_the_blocked_call/" #call "_ipv4",                  \
        .variant = CANCELLED, .proofs = PROOF_CANCELLED, .modes = WITH_CALLBACK                    \
    }
#define ROW(name_of_row, spi, how, proved)                                                         \
    {                                                                                              \
        .name = #name_of_row "_ipv4", .function = SPI_##spi, .family = AF_INET, .variant = (how),  \
        .proofs = (proved)                                                                         \
    }

static const struct case_row endings[] = {
    ROW_CANCELLED(connect, WSPConnect, 4, AF_INET),
    ROW_CANCELLED(accept, WSPAccept, 4, AF_INET),
    ROW_CANCELLED(select, WSPSelect, 4, AF_INET),
    ROW_CANCELLED(recv, WSPRecv, 4, AF_INET),
    ROW_CANCELLED(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW_CANCELLED(send, WSPSend, 4, AF_INET),
    ROW_CANCELLED(recv, WSPRecv, 6, AF_INET6),
    ROW(completed_accept, WSPAccept, COMPLETED, PROOF_COMPLETED),
    ROW(completed_recv, WSPRecv, COMPLETED, PROOF_COMPLETED),
    ROW(timed_out_recv, WSPRecv, TIMED_OUT, 0),
    ROW(timed_out_select, WSPSelect, TIMED_OUT, 0),
    ROW(overlapped_recv, WSPRecv, BY_ITS_ROUTINE, PROOF_COMPLETED),
    ROW(cleaned_up_recv, WSPRecv, CLEANED_UP, 0),
    {.name = NULL},
};

static void make_the_call(struct stage *stage, enum ending ending)
{
    struct client *t1 = client_start("T1");

    switch (ending) {
    case CANCELLED:
        require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
        return;
    case COMPLETED:
        expect_completes(NEEDED("provider"), stage, start_call(t1, &stage->operation, GOES_ON));
        return;
    case TIMED_OUT:
        require_timeout(stage, A_MOMENT_MS);
        join_completed(start_call(t1, &stage->operation, GOES_ON), NEEDED("provider"),
                       ONE_OF(RETURNS(0), FAILS_WITH(WSAETIMEDOUT)));
        return;
    case BY_ITS_ROUTINE:
        begin_pending(t1, stage, BY_ROUTINE);
        expect_pending_completes(NEEDED("provider"), stage, t1);
        return;
    case CLEANED_UP:
        begin_pending(t1, stage, BY_ROUTINE);
        return;
    }
}

/*
 * UPC-04 (WPUOpenCurrentThread): a provider that has a thread opened, to queue a procedure to it
 * later, closes it again, whatever has become of the call. The last clean-up is the end of all
 * that. Which calls open one, if any, is the provider's affair.
 */
static void threads_are_closed(const struct case_row *row)
{
    /* A call of which the provider may want to remember the thread. */
    struct stage *stage = arrange_blocked(row->function, row->family);

    /* It ends: it is cancelled, completes or times out, or the provider is cleaned up. */
    make_the_call(stage, (enum ending)row->variant);
    require_outcome(NEEDED("provider"), "the last WSPCleanup", provider_clean_up_now(),
                    ONE_OF(RETURNS(0)));

    /* Every thread that was opened is closed, once. */
    expect_number(leaking(MUST("UPC-04")),
                  "threads that WPUOpenCurrentThread opened and WPUCloseThread did not close", 0,
                  upcall_threads_open());
    expect_number(MUST("UPC-04"), "WPUCloseThread for what is not open", 0,
                  upcall_threads_closed_in_vain());
    if (upcall_count(UPCALL_WPUOpenCurrentThread) == 0) {
        record_choice("never calls WPUOpenCurrentThread here");
    }
}

CASE(upcall, threads_are_closed) = {
    .run = threads_are_closed,
    .function = FROM_ROW,
    .requirements = "UPC-04",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "lets a call end in one way or another, and cleans up",
    .must = "as many threads were closed by WPUCloseThread as WPUOpenCurrentThread opened",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = endings,
};
