#include "harness/case.h"

/* What the socket is. */
enum kind { IDLE_STREAM, STREAM_WITH_DATA, FULL_STREAM, LISTENER, IDLE_DATAGRAM };

#define ROWS(kind, which)                                                                          \
    {.name = kind "_ipv4", .family = AF_INET, .variant = (which)},                                 \
    {                                                                                              \
        .name = kind "_ipv6", .family = AF_INET6, .variant = (which)                               \
    }

static const struct case_row kinds[] = {
    ROWS("idle_stream", IDLE_STREAM),     ROWS("stream_with_data", STREAM_WITH_DATA),
    ROWS("full_stream", FULL_STREAM),     ROWS("listener", LISTENER),
    ROWS("idle_datagram", IDLE_DATAGRAM), {.name = NULL},
};

static struct spi_socket *arrange_kind(const struct case_row *row)
{
    struct stage *stage;

    switch ((enum kind)row->variant) {
    case LISTENER:
        return arrange_listener(row->family, 1);
    case IDLE_DATAGRAM:
        return arrange_datagram(row->family);
    case FULL_STREAM:
        return arrange_blocked(SPI_WSPSend, row->family)->socket;
    default:
        stage = arrange_blocked(SPI_WSPRecv, row->family);
        if (row->variant == STREAM_WITH_DATA) {
            stage_complete(stage);
        }
        return stage->socket;
    }
}

/* The answer is open: a socket may have none to give. */
static bool expect_no_wait(struct client *t1, struct spi_socket *socket, const char *code_name,
                           DWORD code, u_long in)
{
    static struct operation asked[4]; /* a call that is still blocked outlives this */
    static unsigned next;
    struct operation *ask = &asked[next++];
    struct buffer *mode = code == (DWORD)FIONBIO ? buffer_new("the mode", sizeof in) : NULL;
    struct blocked_call *call;

    if (mode != NULL) {
        *(u_long *)(void *)mode->bytes = in;
    }
    *ask = operation_ioctl(socket, code, mode);
    ask->out = mode == NULL ? buffer_new("the answer", sizeof in) : NULL;
    call = start_call(t1, ask, GOES_ON);
    if (!wait_for_return(call, settings.budgets.cancel)) {
        rescue(call);
        return expect_that(ending(MUST("IOCTL-03")), false, about("WSPIoctl %s", code_name),
                           "it returns", "no return within %lu ms", settings.budgets.cancel);
    }
    return expect_number(MUST("IOCTL-03"),
                         about("blocking callbacks during WSPIoctl %s", code_name), 0,
                         (int64_t)call_callbacks(call) + callback_strays());
}

/*
 * IOCTL-03 (blocking hook overview, as BHK-09): how much there is to read, whether the out-of-band
 * mark is next, and in which mode the socket is, are questions to which there is an answer, or
 * none, at once. They wait for nothing, on whatever socket in blocking mode, and so call nobody
 * back.
 */
static void asks_without_waiting(const struct case_row *row)
{
    /* A socket in blocking mode. */
    struct client *t1 = client_start("T1");
    struct spi_socket *socket = arrange_kind(row);

    /* T1, which has a callback, asks; it is answered at once, and is not called back. */
    (void)(expect_no_wait(t1, socket, "FIONREAD", (DWORD)FIONREAD, 0) &&
           expect_no_wait(t1, socket, "SIOCATMARK", (DWORD)SIOCATMARK, 0) &&
           expect_no_wait(t1, socket, "FIONBIO 1", (DWORD)FIONBIO, 1) &&
           expect_no_wait(t1, socket, "FIONBIO 0", (DWORD)FIONBIO, 0));
}

CASE(ioctl, asks_without_waiting) = {
    .run = asks_without_waiting,
    .function = SPI_WSPIoctl,
    .requirements = "IOCTL-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does = "calls WSPIoctl with FIONREAD, SIOCATMARK and FIONBIO on sockets in blocking mode",
    .must = "each returns within the budget, and the blocking callback is not called",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = kinds,
};
