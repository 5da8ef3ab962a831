#include "harness/case.h"
#include "harness/names.h"
#include "harness/pump.h"

/* Whether the thread has messages in its queue, and how its call ends. */
enum { NO_MESSAGES, MESSAGES, TIMES_OUT };

enum { A_MOMENT_MS = 50, MESSAGES_POSTED = 3 };

#define ROW(call, spi, what, which, version, address_family, proved)                               \
    {                                                                                              \
        .name = #call what "_ipv" #version, .function = SPI_##spi, .family = (address_family),     \
        .variant = (which), .proofs = (proved)                                                     \
    }

#define CALLED_BACK (PROOF_BLOCKED | PROOF_CALLBACK)

static const struct case_row calls[] = {
    ROW(connect, WSPConnect, "", NO_MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(accept, WSPAccept, "", NO_MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(select, WSPSelect, "", NO_MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(recv, WSPRecv, "", NO_MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(recvfrom, WSPRecvFrom, "", NO_MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(send, WSPSend, "", NO_MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(accept, WSPAccept, "_with_messages", MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(select, WSPSelect, "_with_messages", MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(recv, WSPRecv, "_with_messages", MESSAGES, 4, AF_INET, CALLED_BACK),
    ROW(select, WSPSelect, "_times_out", TIMES_OUT, 4, AF_INET, 0),
    ROW(recv, WSPRecv, "_times_out", TIMES_OUT, 4, AF_INET, 0),
    ROW(accept, WSPAccept, "", NO_MESSAGES, 6, AF_INET6, CALLED_BACK),
    ROW(recv, WSPRecv, "_with_messages", MESSAGES, 6, AF_INET6, CALLED_BACK),
    {.name = NULL},
};

static void ignore(void *argument)
{
    (void)argument;
}

/* Its time is short, so that its callback may not be due before it is over. */
static void expect_times_out(struct blocked_call *call, enum spi_function function)
{
    join_completed(call, MUST("BHK-13"),
                   function == SPI_WSPSelect ? ONE_OF(RETURNS(0))
                                             : ONE_OF(FAILS_WITH(WSAETIMEDOUT)));
}

/*
 * BHK-13 (blocking hook overview): a blocking callback need not dispatch messages. A provider that
 * learns of its network by messages of its own, or of the time, sees to them itself: the call of a
 * thread that has a window, and whose callback leaves all messages alone, completes all the same.
 */
static void need_not_dispatch(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a window of T1's, which handles no message. */
    struct stage *stage = row->function == SPI_WSPConnect
                              ? arrange_stalled_connect(row->family)
                              : arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, ignore);
    struct blocked_call *call;

    if (row->variant == TIMES_OUT) {
        require_timeout(stage, A_MOMENT_MS);
    }

    /* T1 blocks; its callback only says that it may wait on. */
    for (int i = 0; row->variant == MESSAGES && i < MESSAGES_POSTED; i++) {
        pump_post(window, NULL);
    }
    call = start_call(t1, &stage->operation, GOES_ON);
    if (row->variant == TIMES_OUT) {
        expect_times_out(call, row->function);
        return;
    }
    prove_blocked(call, 1);

    /* Its peer lets it complete. */
    expect_ends(MUST("BHK-13"), stage, call);
}

CASE(callback, need_not_dispatch) = {
    .run = need_not_dispatch,
    .function = FROM_ROW,
    .requirements = "BHK-13",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets the call of a thread with a window block, with a callback that pumps no messages",
    .must = "the call completes when its peer lets it, or when its time has run out",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .awaits_syn = true,
    .rests_on = "startup/starts callback/is_called_at_all",
    .rows = calls,
};
