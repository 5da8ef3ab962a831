#include "harness/case.h"

enum { MOST = 200 };

#define ROW(count, version, address_family)                                                        \
    {                                                                                              \
        .name = #count "_ipv" #version, .function = SPI_WSPSelect, .family = (address_family),     \
        .variant = (count)                                                                         \
    }
static const struct case_row sizes[] = {
    ROW(1, 4, AF_INET),  ROW(64, 4, AF_INET),  ROW(65, 4, AF_INET), ROW(200, 4, AF_INET),
    ROW(1, 6, AF_INET6), ROW(65, 6, AF_INET6), {.name = NULL},
};

static struct spi_socket *sockets[MOST];
static struct stage *last;

/* So many listeners with an empty backlog, which are never readable; the last one has a stage. */
static void arrange_listeners(unsigned count, int family)
{
    for (unsigned i = 0; i + 1 < count; i++) {
        sockets[i] = arrange_listener(family, 1);
    }
    last = arrange_blocked(SPI_WSPAccept, family);
    sockets[count - 1] = last->socket;
}

static struct operation select_all(unsigned count)
{
    struct operation select = operation_select(sockets[0]->entry, NULL);

    operation_select_add(&select, 0, sockets, count);
    select.socket = last->socket;
    select.complete = last->operation.complete;
    select.other_end = last;
    return select;
}

/* More than FD_SETSIZE sockets may be refused, if that is said openly. */
static void require_accepted(struct blocked_call *call, unsigned count)
{
    if (count <= FD_SETSIZE || wait_for_callback(call, 1, settings.budgets.hook) ||
        !call_returned(call)) {
        return;
    }
    if (outcome_is_one_of(call_outcome(call),
                          ONE_OF(FAILS_WITH(WSAENOBUFS), FAILS_WITH(WSAEINVAL)))) {
        record_choice("WSPSelect refuses sets of %u sockets", count);
        stop_case(NEEDED("provider"), "WSPSelect with more than 64 sockets", "it blocks",
                  "it is refused openly");
    }
}

/*
 * SELECT-08 (WSPSelect; WSPCancelBlockingCall: S16): a set is a count and as many handles, of any
 * number. However many there are, the select blocks and can be cancelled, and none of the sockets
 * is forgotten: the next select says that the last of them is ready.
 */
static void sets_of_any_size(const struct case_row *row)
{
    unsigned count = (unsigned)row->variant;
    struct client *t1 = client_start("T1");
    static struct operation first;
    static struct operation second;
    struct blocked_call *call;

    /* As many idle sockets as the row says. */
    arrange_listeners(count, row->family);
    first = select_all(count);
    second = select_all(count);

    /* T1 blocks in WSPSelect with all of them; its callback cancels. */
    call = start_call(t1, &first, CANCELS_AT(1));
    require_accepted(call, count);
    if (!join_cancelled(call, MUST("SELECT-08"))) {
        return;
    }

    /* It blocks again, and returns when the last of the sockets becomes ready. */
    call = start_call(t1, &second, GOES_ON);
    prove_blocked(call, 1);
    connection_arrives(last);
    if (join_completed(call, MUST("SELECT-08"), ONE_OF(RETURNS(1)))) {
        expect_that(MUST("SELECT-08"),
                    fd_set_holds(fd_set_of(second.sets[0]), last->socket->handle),
                    about("the read set of %u sockets after WSPSelect returned 1", count),
                    "the socket that became ready is in it", "it is not");
    }
}

CASE(select, sets_of_any_size) = {
    .run = sets_of_any_size,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-08",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect over 1, 64, 65 or 200 sockets, and repeats it",
    .must = "it fails with WSAEINTR; repeated, it blocks and sees the last socket become ready",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = sizes,
};
