#include "harness/case.h"
#include "harness/within.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = RESTS_ON_RELEASED(call)                                                        \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(send, WSPSend, 4, AF_INET),
    ROW(recv, WSPRecv, 6, AF_INET6),
    {.name = NULL},
};

static struct outcome ask_writable(struct within_cast *cast, int *gave)
{
    struct operation select = operation_select(cast->socket->entry, read_only_timeval(0, 0));

    (void)gave;
    operation_select_add(&select, 1, &cast->socket, 1);
    return operation_perform(&select);
}

static struct outcome send_a_byte(struct within_cast *cast, int *gave)
{
    struct operation send = operation_send(cast->socket, buffer_with_pattern("a byte", 1, 0));

    (void)gave;
    return operation_perform(&send);
}

static struct outcome make_socket(struct within_cast *cast, int *gave)
{
    SOCKET handle;
    struct outcome outcome = spi_socket(cast->socket->entry, WSA_FLAG_OVERLAPPED, &handle);

    (void)gave;
    if (!outcome.failed) {
        provider_adopt(cast->socket->entry, handle, "another socket");
    }
    return outcome;
}

static const struct within_call of_all_kinds[] = {
    {.what = "WSPGetSockOpt SO_TYPE", .make = within_get_type},
    {.what = "WSPGetSockName", .make = within_get_name},
    {.what = "WSPSelect with a timeout of zero", .make = ask_writable},
    {.what = "WSPSend", .make = send_a_byte},
    {.what = "WSPSocket", .make = make_socket},
};

static struct within_cast connected(int family)
{
    return (struct within_cast){.socket = arrange_connection(family).local};
}

/*
 * REENT-04 (EINPROGRESS overview; K3): that a thread in a blocking call may make no other was a
 * rule of version 1.1. Where 2.2 was negotiated, a provider carries such calls out. To refuse them
 * is the style of 1.1, and never a failure, as the pages still list WSAEINPROGRESS.
 */
static void calls_are_carried_out(const struct case_row *row)
{
    /* A socket on which the call can only wait, and connections for what the callback calls. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct within *within = within_arrange(of_all_kinds, ARRAYSIZE(of_all_kinds),
                                           connected(row->family), connected(row->family));
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    require_that(NEEDED("provider"), stage->operation.entry->data.wVersion == MAKEWORD(2, 2),
                 "the version that was negotiated", "2.2", "another");
    within_make_outside(within, t1);

    /* T1 blocks; its callback makes calls. */
    call = start_call(t1, &stage->operation, ACTS(within_make_inside, within));
    prove_blocked(call, 1);
    if (!expect_usual_within(NEEDED("provider"), within, call)) {
        return;
    }

    /* None was refused. */
    release_call(call);
    expect_that(SHOULD("REENT-04"), within_refused(within) == 0,
                "calls made in the blocking callback under version 2.2",
                "all of them are carried out", "%u of %u were refused with WSAEINPROGRESS",
                within_refused(within), within_made(within));
}

CASE(nested, calls_are_carried_out) = {
    .run = calls_are_carried_out,
    .function = FROM_ROW,
    .requirements = "REENT-04",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "makes calls on another socket in the blocking callback, under version 2.2",
    .must = "they are carried out, and not refused as under version 1.1",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
