#include "harness/case.h"
#include "harness/notice.h"

/* What is watched besides other sockets: nothing, or the socket of the cancelled call itself. */
enum { OTHERS, ITS_OWN_TOO };

#define VARIANT(how, whose) ((how) << 4 | (whose))
#define ROW_OF(call, spi, suffix, how, whose, version, address_family)                             \
    {                                                                                              \
        .name = #call suffix "_ipv" #version, .function = SPI_##spi, .family = (address_family),   \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4", .variant = VARIANT(how, whose)  \
    }
#define ROW(call, spi, version, family)                                                            \
    ROW_OF(call, spi, "", BY_EVENT_SELECT, OTHERS, version, family)
#define ROW_OWN(call, spi, version, family)                                                        \
    ROW_OF(call, spi, "", BY_EVENT_SELECT, ITS_OWN_TOO, version, family)
#define ROW_TOLD(call, spi, whose, version, family)                                                \
    ROW_OF(call, spi, "_beside_messages", BY_ASYNC_SELECT, whose, version, family)

static const struct case_row calls[] = {
    ROW(connect, WSPConnect, 4, AF_INET),
    ROW_OWN(accept, WSPAccept, 4, AF_INET),
    ROW_OWN(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(send, WSPSend, 4, AF_INET),
    ROW_OWN(accept, WSPAccept, 6, AF_INET6),
    ROW(recv, WSPRecv, 6, AF_INET6),
    ROW_TOLD(recv, WSPRecv, OTHERS, 4, AF_INET),
    ROW_TOLD(accept, WSPAccept, ITS_OWN_TOO, 4, AF_INET),
    {.name = NULL},
};

/* Of each kind of event one that is not to come. */
static const long kinds[] = {FD_READ, FD_ACCEPT, FD_CLOSE};
enum { KINDS = ARRAYSIZE(kinds) };

/* Once an event that does happen is told of, so are any that came before it. */
static bool later_event_is_told(enum mode_change how, int family)
{
    struct notice later = arrange_notice(how, FD_READ, family);

    bring_about(&later);
    return expect_notice(NEEDED("provider"), &later);
}

/* A cancelled accept or select leaves a socket that still can be registered (S16). */
static bool watch_its_own(struct notice *own, struct stage *stage, enum mode_change how)
{
    return expect_registers(NEEDED("provider"), own, stage, how,
                            stage->function == SPI_WSPAccept ? FD_ACCEPT : FD_READ);
}

/*
 * NB-05 (WSPAsyncSelect, WSPEventSelect): a network event tells of the network. That a client ends
 * its own call is none, on no socket: nothing has come to read, nobody connected, and no connection
 * has ended.
 */
static void cancel_is_no_event(const struct case_row *row)
{
    /* A socket on which the call can only wait, and others registered for events. */
    enum mode_change how = (enum mode_change)(row->variant >> 4);
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct notice watched[KINDS + 1];
    unsigned count = 0;

    while (count < KINDS) {
        watched[count] = arrange_notice(how, kinds[count], row->family);
        count++;
    }

    /* T1 blocks; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    if ((row->variant & 0xf) == ITS_OWN_TOO && watch_its_own(&watched[count], stage, how)) {
        count++;
    }

    /* Nobody is told of anything. */
    if (later_event_is_told(how, row->family)) {
        for (unsigned i = 0; i < count; i++) {
            expect_no_notice(SHOULD("NB-05"), &watched[i]);
        }
    }
}

CASE(nonblocking, cancel_is_no_event) = {
    .run = cancel_is_no_event,
    .function = FROM_ROW,
    .requirements = "NB-05",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call beside sockets that are registered for events or messages",
    .must = "nothing is told of any socket on which nothing has happened",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
