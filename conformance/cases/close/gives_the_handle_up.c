#include "harness/case.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

/* The variant is the number of buffers, where there are several. */
#define PIECES_ROW(call, spi)                                                                      \
    {                                                                                              \
        .name = #call "_many_buffers_ipv4", .function = SPI_##spi, .family = AF_INET,              \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4", .variant = 7                    \
    }

static const struct case_row calls[] = {
    ROW(connect, WSPConnect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(send, WSPSend, 4, AF_INET),
    ROW(connect, WSPConnect, 6, AF_INET6),
    ROW(recv, WSPRecv, 6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, 6, AF_INET6),
    ROW(send, WSPSend, 6, AF_INET6),
    PIECES_ROW(recv, WSPRecv),
    PIECES_ROW(recvfrom, WSPRecvFrom),
    PIECES_ROW(send, WSPSend),
    {.name = "ioctl_ipv4",
     .function = SPI_WSPIoctl,
     .family = AF_INET,
     .rests_on = "callback/is_called_at_all"},
    {.name = NULL},
};

/*
 * PCS-03 (WSPCancelBlockingCall: S18; WSPCloseSocket): closing after a cancelled call gives the
 * socket's handle up: the provider hands it back, once, and knows it no more.
 */
static void gives_the_handle_up(const struct case_row *row)
{
    /* A socket on which the call can only wait, and what ws2_32 knows of its handle. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct spi_socket *socket = stage->socket;
    const struct socket_handle *handle = upcall_handle(socket->handle);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;
    int type = 0;
    int size = sizeof type;

    if (row->variant > 0) {
        stage->operation.pieces = (unsigned)row->variant;
    }

    /* T1 blocks in the call; its callback cancels, and the socket is closed. */
    call = start_call(t1, &stage->operation, CANCELS_AT(1));
    if (row->function == SPI_WSPIoctl) {
        require_code_offered(stage, call);
        require_ioctl_called_back(call);
    }
    require_cancelled(call);
    if (!expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled call", socket)) {
        return;
    }

    /* The handle is handed back; one of the system's own (IFS) is not ws2_32's to take. */
    if (handle != NULL && !handle->ifs) {
        upcall_wait_for_close(socket->handle, settings.budgets.cancel);
    }
    expect_outcome(SHOULD("PCS-03"), "WSPGetSockOpt SO_TYPE on the handle of a closed socket",
                   spi_get_option(socket, SOL_SOCKET, SO_TYPE, &type, &size),
                   ONE_OF(FAILS_WITH(WSAENOTSOCK)));
    if (handle != NULL && !handle->ifs) {
        expect_number(handle->closed == 0 ? leaking(MUST("PCS-03")) : MUST("PCS-03"),
                      "WPUCloseSocketHandle calls for the closed socket", 1, handle->closed);
    }
}

CASE(close, gives_the_handle_up) = {
    .run = gives_the_handle_up,
    .function = SPI_WSPCloseSocket,
    .requirements = "PCS-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "closes a socket after a blocked call on it was cancelled, and uses its handle again",
    .must = "WPUCloseSocketHandle was called once with the handle, and WSPGetSockOpt fails with "
            "WSAENOTSOCK",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
