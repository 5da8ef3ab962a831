#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, then, next, version, address_family)                                        \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .variant = (next),                                                                         \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
                    " callback/is_called_while_blocked/" #then "_ipv4"                             \
    }

/* What blocks beside the call and after it is completed by its peer; a connect takes long to. */
#define ROWS(version, family)                                                                      \
    ROW(connect, WSPConnect, recv, SPI_WSPRecv, version, family),                                  \
        ROW(accept, WSPAccept, accept, SPI_WSPAccept, version, family),                            \
        ROW(select, WSPSelect, select, SPI_WSPSelect, version, family),                            \
        ROW(recv, WSPRecv, recv, SPI_WSPRecv, version, family),                                    \
        ROW(send, WSPSend, recv, SPI_WSPRecv, version, family)

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, recv, SPI_WSPRecv, 4, AF_INET),
    {.name = NULL},
};

static BOOL cancels_again(struct callback_turn *turn)
{
    callback_cancel(turn);
    *(struct outcome *)turn->argument = spi_cancel(turn->call->entry);
    return FALSE;
}

static void expect_untouched(struct stage *stage, struct blocked_call *call, const char *where)
{
    if (expect_still_blocked(call, MUST("CBC-19"),
                             about("%s %s, after two cancels in one callback of T1",
                                   spi_function_name(stage->function), where))) {
        expect_completes(MUST("CBC-19"), stage, call);
    }
}

/*
 * CBC-19 (WSPCancelBlockingCall is silent about it): what a second cancel in the same callback
 * says is the provider's choice, for its call is cancelled and yet has not returned. What it does
 * is not: one call ends, with WSAEINTR, and no other; not that of another thread, nor the next.
 */
static void twice_in_one_callback(const struct case_row *row)
{
    /* A socket on which T1's call can only wait; one for T2, and one for T1's next call. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *beside = arrange_blocked((enum spi_function)row->variant, row->family);
    struct stage *next = arrange_blocked((enum spi_function)row->variant, row->family);
    struct client *t1 = client_start("T1");
    static struct outcome second;
    struct blocked_call *other;
    char text[96];

    /* T2 blocks, and T1; T1's callback cancels twice, and its call ends. */
    other = start_call(client_start("T2"), &beside->operation, GOES_ON);
    prove_blocked(other, 1);
    if (!join_cancelled(start_call(t1, &stage->operation, ACTS(cancels_again, &second)),
                        MUST("CBC-19"))) {
        return;
    }
    record_choice("the second cancel in one callback: %s", outcome_text(text, sizeof text, second));

    /* T2's call, and the next one of T1, wait, and complete when their peers let them. */
    expect_untouched(beside, other, "on T2");
    expect_untouched(next, start_call(t1, &next->operation, GOES_ON), "made by T1");
}

CASE(cancel, twice_in_one_callback) = {
    .run = twice_in_one_callback,
    .function = FROM_ROW,
    .requirements = "CBC-19",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "cancels a blocked call twice in one callback, while another thread is blocked",
    .must = "that call fails with WSAEINTR; the other thread's and the next one wait, and complete",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
