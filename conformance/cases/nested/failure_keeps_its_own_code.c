#include "harness/case.h"

#include "harness/names.h"

/* How the blocked call ends. */
enum { COMPLETED, CANCELLED };

#define ROW(call, spi, how, ended, gates, version, address_family)                                 \
    {                                                                                              \
        .name = #call how "_ipv" #version, .function = SPI_##spi, .family = (address_family),      \
        .variant = (ended), .rests_on = (gates)                                                    \
    }
#define ROWS(call, spi, version, family)                                                           \
    ROW(call, spi, "_completed", COMPLETED, RESTS_ON_RELEASED(call), version, family),             \
        ROW(call, spi, "_cancelled", CANCELLED, "cancel/ends_the_blocked_call/" #call "_ipv4",     \
            version, family)

static const struct case_row calls[] = {
    ROWS(accept, WSPAccept, 4, AF_INET), ROWS(select, WSPSelect, 4, AF_INET),
    ROWS(recv, WSPRecv, 4, AF_INET),     ROWS(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROWS(recv, WSPRecv, 6, AF_INET6),    {.name = NULL},
};

enum { FAILURES = 3, NO_LEVEL = 0x7abc };

/* What fails in the callback, and what stands in the lpErrno of the blocked call around it. */
struct failures {
    struct spi_socket *unconnected;
    SOCKET nobodys;
    intptr_t ending;
    struct outcome outcome[FAILURES];
    int outer_before;
    int outer_after;
};

static const char *const name_of_failure[FAILURES] = {"WSPGetPeerName of an unconnected socket",
                                                      "WSPSetSockOpt at an unknown level",
                                                      "WSPGetSockOpt on a handle that is none"};

/* The cell of a call belongs to that call, also while others fail in its callback. */
static BOOL fails_within(struct callback_turn *turn)
{
    struct failures *failures = turn->argument;
    struct sockaddr_storage address;
    int value = 0;
    int size = sizeof value;

    if (turn->nth == 1) {
        failures->outer_before = turn->call->error.value;
        failures->outcome[0] = spi_get_peer_name(failures->unconnected, &address);
        failures->outcome[1] =
            spi_set_option(failures->unconnected, NO_LEVEL, 1, &value, sizeof value);
        failures->outcome[2] = spi_get_option_of_handle(
            failures->unconnected->entry, failures->nobodys, SOL_SOCKET, SO_TYPE, &value, &size);
        failures->outer_after = turn->call->error.value;
    }
    return turn->nth == 2 && failures->ending == CANCELLED ? callback_cancels(turn) : TRUE;
}

/* A handle that named a socket, and names none any more. */
static SOCKET closed_handle(struct spi_socket *socket)
{
    require_outcome(NEEDED("provider"), "WSPCloseSocket of an unused socket", spi_close(socket),
                    ONE_OF(RETURNS(0)));
    return socket->handle;
}

static void expect_own_cells(const struct failures *failures)
{
    unsigned failed = 0;

    for (unsigned i = 0; i < FAILURES; i++) {
        if (!failures->outcome[i].failed) {
            continue;
        }
        failed++;
        expect_that(SHOULD("REENT-09"), failures->outcome[i].error_stored,
                    about("*lpErrno of %s, in the blocking callback", name_of_failure[i]),
                    "written to, as the call has failed", "untouched");
    }
    require_that(NEEDED("provider"), failed > 0, "calls that are to fail in the blocking callback",
                 "some of them do", "all succeed");
    expect_number(SHOULD("REENT-09"),
                  "*lpErrno of the blocked call after other calls have failed in its callback",
                  failures->outer_before, failures->outer_after);
}

/*
 * REENT-09 (error reporting overview): each call tells its error where its own lpErrno points, so
 * what fails in the blocking callback says nothing of the call around it: that one completes, or
 * fails with its own code.
 */
static void failure_keeps_its_own_code(const struct case_row *row)
{
    /* A socket on which the call can only wait, and what fails in its callback. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    static struct failures failures;
    struct client *t1 = client_start("T1");
    struct callback_script script = ACTS(fails_within, &failures);
    int type = stage->operation.entry->type;
    struct blocked_call *call;

    failures.unconnected = provider_socket(row->family, type, "unconnected socket");
    failures.nobodys = closed_handle(provider_socket(row->family, type, "closed socket"));
    failures.ending = row->variant;

    /* T1 blocks; calls fail in its first callback. */
    script.every_time = true;
    call = start_call(t1, &stage->operation, script);
    prove_blocked(call, 2);

    /* Its own code is WSAEINTR, or none. */
    if (row->variant == CANCELLED) {
        join_cancelled(call, SHOULD("REENT-09"));
    } else {
        stage_complete(stage);
        join_completed(call, SHOULD("REENT-09"), ONE_OF(SUCCEEDS));
    }
    expect_own_cells(&failures);
}

CASE(nested, failure_keeps_its_own_code) = {
    .run = failure_keeps_its_own_code,
    .function = FROM_ROW,
    .requirements = "REENT-09",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "lets calls fail in the blocking callback, and then ends the blocked call",
    .must = "the blocked call completes or says WSAEINTR, and its lpErrno is untouched till then",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
