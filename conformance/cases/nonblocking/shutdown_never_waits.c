#include "harness/prompt.h"

/* How the connection lingers, or that another thread receives on it, and which half of it ends. */
enum linger_setting { BY_DEFAULT, FOR_A_MINUTE, NOT_AT_ALL, BESIDE_A_RECEIVER };
#define HOW(linger, how) ((linger) << 4 | (how))

enum { A_MINUTE_S = 60 };

#define ROW(name_of, linger, how, version, address_family)                                         \
    {                                                                                              \
        .name = #name_of "_ipv" #version, .function = SPI_WSPShutdown, .family = (address_family), \
        .variant = HOW(linger, how)                                                                \
    }

static const struct case_row halves[] = {
    ROW(send_lingering, FOR_A_MINUTE, SD_SEND, 4, AF_INET),
    ROW(receive_lingering, FOR_A_MINUTE, SD_RECEIVE, 4, AF_INET),
    ROW(both_lingering, FOR_A_MINUTE, SD_BOTH, 4, AF_INET),
    ROW(send, BY_DEFAULT, SD_SEND, 4, AF_INET),
    ROW(both_without_linger, NOT_AT_ALL, SD_BOTH, 4, AF_INET),
    ROW(send_beside_a_receiver, BESIDE_A_RECEIVER, SD_SEND, 4, AF_INET),
    ROW(receive_beside_a_receiver, BESIDE_A_RECEIVER, SD_RECEIVE, 4, AF_INET),
    ROW(send_lingering, FOR_A_MINUTE, SD_SEND, 6, AF_INET6),
    ROW(both_lingering, FOR_A_MINUTE, SD_BOTH, 6, AF_INET6),
    {.name = NULL},
};

static struct outcome shut_down(struct operation *operation)
{
    return spi_shutdown(operation->socket, (int)operation->flags);
}

/* A connection with unsent data whose peer does not read, or on which another thread waits for
 * something, to be shut down. */
static struct operation make_shutdown(const struct case_row *row)
{
    enum linger_setting linger = row->variant >> 4;
    bool beside = linger == BESIDE_A_RECEIVER;
    struct stage *stage =
        beside ? arrange_blocked(SPI_WSPRecv, row->family) : arrange_unsent(row->family);
    struct operation operation = operation_made_by(SPI_WSPShutdown, stage->socket, shut_down);

    if (beside) {
        prove_blocked(start_call(client_start("T2"), &stage->operation, GOES_ON), 1);
    } else if (linger != BY_DEFAULT) {
        require_linger(stage->socket, true, linger == FOR_A_MINUTE ? A_MINUTE_S : 0);
    }
    operation.flags = row->variant & 0xf;
    return with_peer_reading(operation, stage);
}

/*
 * NOBLOCK-01 (WSPShutdown, which does not block whatever the SO_LINGER setting): to linger is for
 * WSPCloseSocket. A shutdown leaves unsent data to the transport and returns, and as it does not
 * block, it calls nobody back.
 */
static void shutdown_never_waits(const struct case_row *row)
{
    struct client *t1 = client_start("T1");
    const char *what = row->variant >> 4 == BESIDE_A_RECEIVER
                           ? "WSPShutdown while another thread receives"
                           : "WSPShutdown with unsent data";

    /* T1 shuts down a connection whose data cannot go out, or on which T2 waits. */
    struct blocked_call *call = expect_at_once(MUST("NOBLOCK-01"), what, t1, make_shutdown, row);
    if (call == NULL) {
        return;
    }
    require_outcome(NEEDED("provider"), what, call_outcome(call), ONE_OF(RETURNS(0)));

    /* It was not called back. */
    expect_uncalled(MUST("NOBLOCK-01"), what, call);
}

CASE(nonblocking, shutdown_never_waits) = {
    .run = shutdown_never_waits,
    .function = SPI_WSPShutdown,
    .requirements = "NOBLOCK-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does = "shuts down a connection with unsent data, whatever its linger setting, or beside a "
            "receiver",
    .must = "WSPShutdown returns at once, without the blocking callback",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = halves,
};
