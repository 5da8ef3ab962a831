#include "harness/mode.h"
#include "harness/prompt.h"

enum { A_MINUTE_S = 60 };

#define ROW(how, change, version, address_family)                                                  \
    {                                                                                              \
        .name = how "_ipv" #version, .family = (address_family), .variant = (change)               \
    }

static const struct case_row ways[] = {
    ROW("ioctl", BY_IOCTL, 4, AF_INET),
    ROW("event_select", BY_EVENT_SELECT, 4, AF_INET),
    ROW("async_select", BY_ASYNC_SELECT, 4, AF_INET),
    ROW("ioctl", BY_IOCTL, 6, AF_INET6),
    {.name = NULL},
};

/* The call did not take the handle away: it is not given back, and still names the socket. */
static void expect_valid(struct spi_socket *socket)
{
    const struct socket_handle *handle = upcall_handle(socket->handle);
    int type = 0;
    int size = sizeof type;

    if (handle != NULL && !handle->ifs) {
        expect_number(MUST("CLOSE-05"),
                      "WPUCloseSocketHandle calls for a socket whose close would block", 0,
                      handle->closed);
    }
    if (expect_outcome(MUST("CLOSE-05"), "WSPGetSockOpt SO_TYPE after a close that would block",
                       spi_get_option(socket, SOL_SOCKET, SO_TYPE, &type, &size),
                       ONE_OF(RETURNS(0)))) {
        expect_number(MUST("CLOSE-05"), "the SO_TYPE of a socket whose close would block",
                      SOCK_STREAM, type);
    }
}

/*
 * CLOSE-05 (WSPCloseSocket): a non-blocking socket that has to linger for unsent data cannot be
 * closed yet. The provider says so, does not wait, and the client can use the handle and close it
 * later.
 */
static void would_block_with_unsent_data(const struct case_row *row)
{
    /* A non-blocking connection that lingers, with data that cannot go out. */
    struct stage *stage = arrange_unsent(row->family);
    struct client *t1 = client_start("T1");
    static struct operation close;
    struct blocked_call *call;

    require_linger(stage->socket, true, A_MINUTE_S);
    require_nonblocking(stage->socket, (enum mode_change)row->variant);

    /* T1 closes it. */
    close = with_peer_reading(operation_close(stage->socket), stage);
    call = start_call(t1, &close, GOES_ON);
    if (!join_completed(call, MUST("CLOSE-05"), ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)))) {
        return;
    }

    /* The handle is still good. */
    expect_valid(stage->socket);
}

CASE(close, would_block_with_unsent_data) = {
    .run = would_block_with_unsent_data,
    .function = SPI_WSPCloseSocket,
    .requirements = "CLOSE-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does = "closes a non-blocking connection that lingers and has unsent data",
    .must = "WSPCloseSocket fails with WSAEWOULDBLOCK, and the handle stays valid",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = ways,
};
