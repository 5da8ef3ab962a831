#include "harness/case.h"

enum variant { ALONE, MIXED, TIMED, BEFORE_THE_CANCEL, AFTER_THE_CANCEL };
enum { A_MINUTE_S = 60 };

#define ROW(name_of_row, what, version, address_family)                                            \
    {                                                                                              \
        .name = #name_of_row "_ipv" #version, .function = SPI_WSPSelect,                           \
        .family = (address_family), .variant = (what)                                              \
    }

static const struct case_row variants[] = {
    ROW(alone, ALONE, 4, AF_INET),
    ROW(mixed, MIXED, 4, AF_INET),
    ROW(timed, TIMED, 4, AF_INET),
    ROW(mixed, MIXED, 6, AF_INET6),
    ROW(arriving_before_the_cancel, BEFORE_THE_CANCEL, 4, AF_INET),
    ROW(arriving_after_the_cancel, AFTER_THE_CANCEL, 4, AF_INET),
    {.name = NULL},
};

static void complete_by_urgent_data(struct operation *operation)
{
    struct stage *stage = operation->other_end;

    peer_sends_urgent(stage->peer, '!');
}

/* For urgent data on the stage's socket; and perhaps for something to read on another. */
static struct operation select_for(struct stage *stage, struct stage *idle, enum variant variant)
{
    struct operation select = operation_select(
        stage->socket->entry, variant == TIMED ? read_only_timeval(A_MINUTE_S, 0) : NULL);

    if (variant == MIXED) {
        operation_select_add(&select, 0, &idle->socket, 1);
    }
    operation_select_add(&select, 2, &stage->socket, 1);
    select.complete = complete_by_urgent_data;
    select.other_end = stage;
    return select;
}

static struct outcome receive_urgent(struct spi_socket *socket)
{
    char byte = 0;
    WSABUF buffer = {.len = 1, .buf = &byte};
    DWORD received = 0;
    DWORD flags = MSG_OOB;

    return spi_receive(socket, &buffer, 1, &received, &flags);
}

/* Not all transports have it, and no page says that a select has to tell of it. */
static void require_told_of_urgent_data(struct client *client, int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPRecv, family);
    static struct operation select;
    struct blocked_call *call;

    select = select_for(stage, NULL, ALONE);
    call = start_call(client, &select, GOES_ON);
    require_that(OFFERED, peer_sends_urgent(stage->peer, '!'), "urgent data", "a peer sends it",
                 "it cannot");
    if (!wait_for_return(call, settings.budgets.data)) {
        release_call(call);
        stop_case(OFFERED, "WSPSelect for exceptions, when urgent data has come", "it returns",
                  "it waits on");
    }
    require_outcome(OFFERED, "WSPSelect for exceptions, when urgent data has come",
                    call_outcome(call), ONE_OF(RETURNS(1)));
    require_outcome(OFFERED, "WSPRecv with MSG_OOB, when urgent data has come",
                    receive_urgent(stage->socket), ONE_OF(RETURNS(0)));
}

/* The byte comes while the callback holds; the select may tell of it, or be cancelled. */
static void expect_kept(struct client *t1, struct stage *stage, struct operation *select,
                        bool before)
{
    struct blocked_call *call =
        start_call(t1, select, before ? held_before(TRIES_TO_CANCEL) : held_after(TRIES_TO_CANCEL));

    prove_held(call);
    complete_by_urgent_data(select);
    let_go(call);
    if (join_raced(call, before, MUST("RACE-06"), ONE_OF(RETURNS(1), FAILS_WITH(WSAEINTR)))) {
        static struct operation receive;
        receive = operation_receive(stage->socket, 1);
        receive.flags = MSG_OOB;
        join_completed(start_call(t1, &receive, GOES_ON), MUST("RACE-06"), ONE_OF(RETURNS(0)));
    }
}

/*
 * SELECT-10, RACE-06 (WSPCancelBlockingCall: S16): a select that is repeated after its cancel looks
 * at all of its sets, the one for exceptions as well: it blocks, and says which socket urgent data
 * has come for, as it did before any cancel. What comes while it is cancelled is not lost.
 */
static void urgent_data_is_told(const struct case_row *row)
{
    /* A stream on which a WSPSelect would tell of urgent data, and another one. */
    enum variant variant = (enum variant)row->variant;
    struct client *t1 = client_start("T1");
    struct stage *stage;
    struct stage *idle;
    static struct operation first;
    static struct operation again;
    struct blocked_call *call;

    require_told_of_urgent_data(t1, row->family);
    stage = arrange_blocked(SPI_WSPRecv, row->family);
    idle = arrange_blocked(SPI_WSPRecv, row->family);
    first = select_for(stage, idle, variant);
    if (variant == BEFORE_THE_CANCEL || variant == AFTER_THE_CANCEL) {
        expect_kept(t1, stage, &first, variant == BEFORE_THE_CANCEL);
        return;
    }
    again = select_for(stage, idle, variant);

    /* T1 blocks in WSPSelect; its callback cancels. */
    require_cancelled(start_call(t1, &first, CANCELS_AT(1)));

    /* T1 makes the same WSPSelect again, and it blocks. */
    call = start_call(t1, &again, GOES_ON);
    if (!expect_still_blocked(call, MUST("SELECT-10"),
                              "WSPSelect for exceptions, repeated after a cancelled one")) {
        return;
    }

    /* Urgent data comes; it returns 1, and the socket is in the set. */
    complete_by_urgent_data(&again);
    if (join_completed(call, MUST("SELECT-10"), ONE_OF(RETURNS(1)))) {
        expect_that(MUST("SELECT-10"),
                    fd_set_holds(fd_set_of(again.sets[2]), stage->socket->handle),
                    "the exception set of WSPSelect, when urgent data has come",
                    "the socket is in it", "the socket is not in it");
    }
}

CASE(select, urgent_data_is_told) = {
    .run = urgent_data_is_told,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-10 RACE-06",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect with an exception set, and repeats it; urgent data comes, then or "
            "meanwhile",
    .must =
        "it blocks, and returns 1 with the socket, if it tells of urgent data at all; the data is "
        "not lost",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = variants,
};
