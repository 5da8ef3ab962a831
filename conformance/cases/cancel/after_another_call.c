#include "harness/case.h"
#include "harness/names.h"

#define ROW(name_of, spi, version, address_family)                                                 \
    {.name = #name_of "_ipv" #version, .function = SPI_##spi, .family = (address_family)},

/* What a client may well do in its callback; on a non-blocking socket none of it can wait. */
#define ROWS(version, family)                                                                      \
    ROW(ioctl, WSPIoctl, version, family)                                                          \
    ROW(getsockopt, WSPGetSockOpt, version, family)                                                \
    ROW(select, WSPSelect, version, family)                                                        \
    ROW(recv, WSPRecv, version, family)                                                            \
    ROW(send, WSPSend, version, family)                                                            \
    ROW(closesocket, WSPCloseSocket, version, family)

/* The other order: the cancel comes first. */
#define ROW_AFTERWARDS(name_of, spi)                                                               \
    {.name = #name_of "_afterwards_ipv4",                                                          \
     .function = SPI_##spi,                                                                        \
     .family = AF_INET,                                                                            \
     .variant = CANCELS_FIRST},
#define ROWS_AFTERWARDS                                                                            \
    ROW_AFTERWARDS(ioctl, WSPIoctl)                                                                \
    ROW_AFTERWARDS(getsockopt, WSPGetSockOpt)                                                      \
    ROW_AFTERWARDS(select, WSPSelect)                                                              \
    ROW_AFTERWARDS(recv, WSPRecv)                                                                  \
    ROW_AFTERWARDS(send, WSPSend)                                                                  \
    ROW_AFTERWARDS(closesocket, WSPCloseSocket)

enum { CANCELS_LAST, CANCELS_FIRST };

static const struct case_row calls[] = {ROWS(4, AF_INET) ROWS(6, AF_INET6)
                                            ROWS_AFTERWARDS{.name = NULL}};

/* The call which the callback makes beside its cancel, on a socket that is not the blocked one. */
struct other_call {
    bool cancel_first;
    enum spi_function function;
    struct spi_socket *socket;
    struct operation select;
    struct outcome outcome;
};

static struct outcome make(struct other_call *other)
{
    char byte = 'x';
    WSABUF buffer = {.len = sizeof byte, .buf = &byte};
    DWORD moved = 0;
    DWORD flags = 0;
    u_long value = 0;
    int size = sizeof value;

    switch (other->function) {
    case SPI_WSPIoctl:
        return spi_ioctl(other->socket, (DWORD)FIONREAD, NULL, 0, &value, sizeof value, &moved);
    case SPI_WSPGetSockOpt:
        return spi_get_option(other->socket, SOL_SOCKET, SO_TYPE, &value, &size);
    case SPI_WSPSelect:
        return operation_perform(&other->select);
    case SPI_WSPRecv:
        return spi_receive(other->socket, &buffer, 1, &moved, &flags);
    case SPI_WSPSend:
        return spi_send(other->socket, &buffer, 1, &moved, 0);
    default:
        return spi_close(other->socket);
    }
}

static BOOL makes_a_call_and_cancels(struct callback_turn *turn)
{
    struct other_call *other = turn->argument;

    if (other->cancel_first) {
        callback_cancel(turn);
        other->outcome = make(other);
    } else {
        other->outcome = make(other);
        callback_cancel(turn);
    }
    return FALSE;
}

static bool expect_cancelled(const struct case_row *row, struct outcome cancel)
{
    const char *what =
        about("WSPCancelBlockingCall in the callback of WSPRecv, %s %s there",
              row->variant == CANCELS_FIRST ? "before" : "after", spi_function_name(row->function));

    return expect_that(MUST("REENT-02"), !outcome_is_error(cancel, WSAEINPROGRESS), what,
                       "not refused with WSAEINPROGRESS", "refused with it") &&
           expect_outcome(MUST("CBC-01"), what, cancel, ONE_OF(RETURNS(0)));
}

/*
 * CBC-01, CBC-02, REENT-02 (WSPCancelBlockingCall: S7, S9): the call that is blocked is outstanding
 * until it returns. Another one that came and went in its callback, or was refused there, is not
 * the one to cancel, and does not hide it; nor does one that comes after the cancel undo it.
 */
static void after_another_call(const struct case_row *row)
{
    /* A stream on which a receive can only wait, and another one, which is non-blocking. */
    struct stage *stage = arrange_blocked(SPI_WSPRecv, row->family);
    struct client *t1 = client_start("T1");
    static struct other_call other;
    struct blocked_call *call;
    char text[96];

    other = (struct other_call){
        .cancel_first = row->variant == CANCELS_FIRST,
        .function = row->function,
        .socket = arrange_connection(row->family).local,
        .select = operation_select(stage->socket->entry, read_only_timeval(0, 0)),
    };
    operation_select_add(&other.select, 0, &other.socket, 1);
    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO on the other socket",
                    spi_set_nonblocking(other.socket, true), ONE_OF(RETURNS(0)));

    /* T1 blocks in WSPRecv; its callback makes a call on the other socket, and cancels. */
    call = start_call(t1, &stage->operation, ACTS(makes_a_call_and_cancels, &other));

    /* The cancel says 0, and the WSPRecv says WSAEINTR. */
    if (wait_for_callback_end(call, 1, settings.budgets.hook)) {
        record_choice("%s in the callback: %s", spi_function_name(row->function),
                      outcome_text(text, sizeof text, other.outcome));
        if (!expect_cancelled(row, call_cancel_outcome(call))) {
            release_call(call);
            return;
        }
    }
    join_cancelled(call, MUST("CBC-02"));
}

CASE(cancel, after_another_call) = {
    .run = after_another_call,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "REENT-02 CBC-01 CBC-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does =
        "makes another call in the blocking callback of WSPRecv, before or after it cancels there",
    .must = "the cancel returns 0, and the WSPRecv fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = calls,
};
