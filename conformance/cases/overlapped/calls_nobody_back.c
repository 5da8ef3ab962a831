#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, how, completion, version, address_family)                                   \
    {                                                                                              \
        .name = #call "_by_" #how "_ipv" #version, .function = SPI_##spi,                          \
        .family = (address_family), .rests_on = "callback/is_called_while_blocked/" #call "_ipv4", \
        .variant = (completion)                                                                    \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, event, BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, routine, BY_ROUTINE, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, event, BY_EVENT, 4, AF_INET),
    ROW(send, WSPSend, event, BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, event, BY_EVENT, 6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, event, BY_EVENT, 6, AF_INET6),
    ROW(send, WSPSend, event, BY_EVENT, 6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, routine, BY_ROUTINE, 4, AF_INET),
    ROW(send, WSPSend, routine, BY_ROUTINE, 4, AF_INET),
    {.name = NULL},
};

static bool expect_no_callback(const struct stage *stage, const struct blocked_call *call)
{
    return expect_number(MUST("BHK-10"),
                         about("blocking callbacks for an overlapped %s on a blocking socket",
                               spi_function_name(stage->function)),
                         0, (int64_t)call_callbacks(call) + callback_strays());
}

/*
 * BHK-10 (socket modes overview): that a socket is in blocking mode means nothing to an overlapped
 * call. It is not kept waiting, so it calls nobody back: not when it is made, not while it is
 * pending, not when it completes.
 */
static void calls_nobody_back(const struct case_row *row)
{
    /* A socket in blocking mode, on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    /* T1, which has a callback, makes the call. It may come to wait all the same. */
    call = begin_overlapped(t1, stage, (enum completion)row->variant);
    if (!expect_no_callback(stage, call)) {
        return;
    }

    /* The call is pending, if it could not be done at once; and then it completes. */
    if (call_outcome(call).failed) {
        require_pending(stage, call);
    }
    if (!expect_pending_completes(NEEDED("provider"), stage, t1)) {
        return;
    }

    /* Nobody was called back by then either. */
    expect_no_callback(stage, call);
}

CASE(overlapped, calls_nobody_back) = {
    .run = calls_nobody_back,
    .function = FROM_ROW,
    .requirements = "BHK-10",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes an overlapped call that can only wait, on a blocking socket; lets it complete",
    .must = "the blocking callback is not called",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rows = calls,
};
