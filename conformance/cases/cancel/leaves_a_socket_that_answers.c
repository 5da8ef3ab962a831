#include "harness/battery.h"
#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

#define ROWS(version, family)                                                                      \
    ROW(connect, WSPConnect, version, family), ROW(recv, WSPRecv, version, family),                \
        ROW(recvfrom, WSPRecvFrom, version, family), ROW(send, WSPSend, version, family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/* What a receive gives when nobody has sent: nothing, or nothing more. */
static void expect_nothing_invented(const struct battery *battery, const char *cancelled)
{
    for (unsigned i = 0; i < battery->count; i++) {
        const struct battery_answer *answer = &battery->answers[i];
        if (answer->function == SPI_WSPRecv || answer->function == SPI_WSPRecvFrom) {
            expect_number(MUST("PCS-01"),
                          about("bytes from %s after a cancelled %s, when nobody has sent",
                                answer->what, cancelled),
                          0, answer->transferred);
        }
    }
}

/*
 * PCS-01 (WSPCancelBlockingCall: S17, S18): once a call was cancelled on it, a socket may do
 * anything a client asks of it, or refuse it; which of them is the provider's own affair. But each
 * call returns, if only because its callback cancels it, and harms nothing.
 */
static void leaves_a_socket_that_answers(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a peer for what follows. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct battery *battery = battery_arrange(stage->socket, t1);
    const char *cancelled = spi_function_name(row->function);
    const struct battery_answer *stuck;
    char profile[BATTERY_TEXT_SIZE];

    /* T1 blocks in the call; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* T1 then asks everything of the socket, and cancels whatever waits. */
    stuck = battery_run(battery, BATTERY_WHOLE);

    /* It has answered each time, and gave no bytes that nobody sent. */
    expect_that(ending(MUST("PCS-01")), stuck == NULL,
                about("%s after a cancelled %s on its socket",
                      stuck != NULL ? stuck->what : "every call", cancelled),
                "it returns, or calls the blocking callback", "neither, until it was rescued");
    expect_nothing_invented(battery, cancelled);
    record_choice("after a cancelled %s: %s", cancelled,
                  battery_profile(battery, profile, sizeof profile));
}

CASE(cancel, leaves_a_socket_that_answers) = {
    .run = leaves_a_socket_that_answers,
    .function = FROM_ROW,
    .requirements = "PCS-01",
    .level = LEVEL_MAY,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call, then makes every other call on its socket",
    .must = "each succeeds or fails, as the provider likes, but returns, and invents no data",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
