#include "harness/case.h"

#include "harness/names.h"

#include <stdio.h>

/* How the socket lingers; or by default, and that it is of the other type than the call mostly has,
 * or is closed by the thread whose call was cancelled.
 */
enum { DEFAULT_LINGER, LINGER_ZERO, OTHER_TYPE, ON_ITS_THREAD };

#define ROW(call, spi, version, address_family, suffix, linger)                                    \
    {                                                                                              \
        .name = #call "_ipv" #version suffix, .function = SPI_##spi, .family = (address_family),   \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4",                                 \
        .gate = (version) == 4 && (linger) == DEFAULT_LINGER, .variant = (linger)                  \
    }
#define ROWS(call, spi, version, family)                                                           \
    ROW(call, spi, version, family, "", DEFAULT_LINGER),                                           \
        ROW(call, spi, version, family, "_linger_zero", LINGER_ZERO)

static const struct case_row calls[] = {
    ROWS(connect, WSPConnect, 4, AF_INET),
    ROWS(recv, WSPRecv, 4, AF_INET),
    ROWS(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROWS(send, WSPSend, 4, AF_INET),
    ROWS(connect, WSPConnect, 6, AF_INET6),
    ROWS(recv, WSPRecv, 6, AF_INET6),
    ROWS(recvfrom, WSPRecvFrom, 6, AF_INET6),
    ROWS(send, WSPSend, 6, AF_INET6),
    ROW(recv, WSPRecv, 4, AF_INET, "_datagram", OTHER_TYPE),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET, "_stream", OTHER_TYPE),
    ROW(connect, WSPConnect, 4, AF_INET, "_on_its_thread", ON_ITS_THREAD),
    ROW(recv, WSPRecv, 4, AF_INET, "_on_its_thread", ON_ITS_THREAD),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET, "_on_its_thread", ON_ITS_THREAD),
    ROW(send, WSPSend, 4, AF_INET, "_on_its_thread", ON_ITS_THREAD),
    {.name = NULL},
};

static struct stage *arrange(const struct case_row *row)
{
    if (row->variant != OTHER_TYPE) {
        return arrange_blocked(row->function, row->family);
    }
    return row->function == SPI_WSPRecv ? arrange_receive_of_a_datagram(row->family)
                                        : arrange_receive_from_a_stream(row->family);
}

/* A datagram socket has nothing to linger for, and may refuse the option. */
static void set_linger_zero(const struct stage *stage)
{
    struct linger zero = {.l_onoff = 1, .l_linger = 0};
    struct outcome outcome =
        spi_set_option(stage->socket, SOL_SOCKET, SO_LINGER, &zero, sizeof zero);

    if (stage->function != SPI_WSPRecvFrom) {
        require_outcome(NEEDED("provider"), "WSPSetSockOpt SO_LINGER {1, 0} (G5)", outcome,
                        ONE_OF(RETURNS(0)));
    }
}

/*
 * PCS-02 (WSPCancelBlockingCall: S18): whatever state a cancelled call has left its socket in, it
 * can be closed; closing it is the one thing that always works.
 */
static void works_after_a_cancel(const struct case_row *row)
{
    /* A socket on which the call can only wait, with default linger or a linger time of zero. */
    struct stage *stage = arrange(row);
    struct client *t1 = client_start("T1");
    char what[64];
    if (row->variant == LINGER_ZERO) {
        set_linger_zero(stage);
    }

    /* T1 blocks in the call; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* Closing returns 0, and does not keep the client waiting. */
    snprintf(what, sizeof what, "WSPCloseSocket after a cancelled %s",
             spi_function_name(row->function));
    if (row->variant == ON_ITS_THREAD) {
        expect_closes_on(t1, MUST("PCS-02"), what, stage->socket);
    } else {
        expect_closes(MUST("PCS-02"), what, stage->socket);
    }
}

CASE(close, works_after_a_cancel) = {
    .run = works_after_a_cancel,
    .function = SPI_WSPCloseSocket,
    .requirements = "PCS-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "closes a socket after a blocked call on it was cancelled",
    .must = "WSPCloseSocket returns 0 within the budget",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
