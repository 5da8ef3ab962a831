#include "harness/case.h"
#include "harness/names.h"
#include "harness/notice.h"

/* What is under way beside the blocked call: events or messages to come, or a connect. */
enum { EVENTS, EVENTS_THAT_CAME, MESSAGES, A_PENDING_CONNECT };

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4",                                    \
     .variant = EVENTS},
#define ROW_BESIDE(call, spi, what, beside, version, address_family)                               \
    {                                                                                              \
        .name = #call "_beside_" what "_ipv" #version, .function = SPI_##spi,                      \
        .family = (address_family), .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4",     \
        .variant = (beside)                                                                        \
    }

static const struct case_row calls[] = {
    SIX_CALLS_BOTH_FAMILIES(ROW) ROW_BESIDE(connect, WSPConnect, "messages", MESSAGES, 4, AF_INET),
    ROW_BESIDE(select, WSPSelect, "messages", MESSAGES, 4, AF_INET),
    ROW_BESIDE(recv, WSPRecv, "messages", MESSAGES, 6, AF_INET6),
    ROW_BESIDE(connect, WSPConnect, "set_events", EVENTS_THAT_CAME, 4, AF_INET),
    ROW_BESIDE(accept, WSPAccept, "set_events", EVENTS_THAT_CAME, 4, AF_INET),
    ROW_BESIDE(select, WSPSelect, "set_events", EVENTS_THAT_CAME, 4, AF_INET),
    ROW_BESIDE(recv, WSPRecv, "set_events", EVENTS_THAT_CAME, 4, AF_INET),
    ROW_BESIDE(recvfrom, WSPRecvFrom, "set_events", EVENTS_THAT_CAME, 6, AF_INET6),
    ROW_BESIDE(connect, WSPConnect, "a_connect", A_PENDING_CONNECT, 4, AF_INET),
    ROW_BESIDE(accept, WSPAccept, "a_connect", A_PENDING_CONNECT, 4, AF_INET),
    ROW_BESIDE(recv, WSPRecv, "a_connect", A_PENDING_CONNECT, 6, AF_INET6),
    {.name = NULL},
};

/* Of each kind of event one that has come before, so that it is known to come, and one to come. */
static const long kinds[] = {FD_READ, FD_ACCEPT, FD_CLOSE};

static bool arrange_notices(struct notice *to_come, enum mode_change how, int family)
{
    for (unsigned i = 0; i < ARRAYSIZE(kinds); i++) {
        struct notice control = arrange_notice(how, kinds[i], family);
        to_come[i] = arrange_notice(how, kinds[i], family);
        bring_about(&control);
        if (!expect_notice(NEEDED("provider"), &control)) {
            return false;
        }
    }
    return true;
}

/* The client does not ask about them yet. */
static void let_events_be_set(struct notice *to_come)
{
    for (unsigned i = 0; i < ARRAYSIZE(kinds); i++) {
        bring_about(&to_come[i]);
        require_that(NEEDED("provider"),
                     WaitForSingleObject(to_come[i].event, settings.budgets.data) == WAIT_OBJECT_0,
                     "the event of WSPEventSelect, before the blocked call", "it is set",
                     "it is not");
    }
}

static bool expect_notices(struct notice *to_come, bool came)
{
    for (unsigned i = 0; i < ARRAYSIZE(kinds); i++) {
        if (!came) {
            bring_about(&to_come[i]);
        }
        if (!expect_notice(MUST("NB-02"), &to_come[i])) {
            return false;
        }
    }
    return true;
}

/*
 * NB-02 (WSPCancelBlockingCall: S7): what is under way on other sockets is no blocking call, and a
 * cancel leaves it alone, whatever call it ends: who is registered for an event hears of it, also
 * if it came before, and a connect that was left pending comes through, also one that the same
 * thread has begun.
 */
static void others_are_still_notified(const struct case_row *row)
{
    /* A socket on which the call can only wait; others with events to come, or a connect. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    enum mode_change how = row->variant == MESSAGES ? BY_ASYNC_SELECT : BY_EVENT_SELECT;
    struct stage *pending = NULL;
    struct notice to_come[ARRAYSIZE(kinds)];

    if (row->variant == A_PENDING_CONNECT) {
        pending = arrange_pending_connect_of(t1, row->family);
    } else if (!arrange_notices(to_come, how, row->family)) {
        return;
    }
    if (row->variant == EVENTS_THAT_CAME) {
        let_events_be_set(to_come);
    }

    /* T1 blocks; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The events come, the connect comes through. */
    if (pending != NULL ? expect_comes_through(MUST("NB-02"), t1, pending)
                        : expect_notices(to_come, row->variant == EVENTS_THAT_CAME)) {
        prove(PROOF_COMPLETED, "what was under way on other sockets has come");
    }
}

CASE(nonblocking, others_are_still_notified) = {
    .run = others_are_still_notified,
    .function = FROM_ROW,
    .requirements = "NB-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call beside other sockets with registered events or messages, or a "
            "pending connect",
    .must = "each event or message comes, and the connect comes through",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
