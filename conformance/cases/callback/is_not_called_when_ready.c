#include "harness/case.h"

#include <stdio.h>
#include <stdlib.h>

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "callback/is_called_while_blocked/" #call "_ipv4"},

#define ROWS(version, address_family)                                                              \
    ROW(accept, WSPAccept, version, address_family)                                                \
    ROW(select, WSPSelect, version, address_family)                                                \
    ROW(recv, WSPRecv, version, address_family)                                                    \
    ROW(recvfrom, WSPRecvFrom, version, address_family)                                            \
    ROW(send, WSPSend, version, address_family)

/* What is special about the call; nothing is about those of the plain rows. */
enum variant { PLAIN, TIMED, PEEK, AT_THE_END, OF_A_DATAGRAM, A_DATAGRAM };

#define SPECIAL(call, spi, how, special)                                                           \
    {                                                                                              \
        .name = #call "_" #how "_ipv4", .function = SPI_##spi, .family = AF_INET,                  \
        .rests_on = "callback/is_called_while_blocked/" #call "_ipv4", .variant = (special)        \
    }

static const struct case_row calls[] = {
    ROWS(4, AF_INET) ROWS(6, AF_INET6) SPECIAL(select, WSPSelect, timed, TIMED),
    SPECIAL(recv, WSPRecv, timed, TIMED),
    SPECIAL(recv, WSPRecv, peek, PEEK),
    SPECIAL(recv, WSPRecv, at_the_end, AT_THE_END),
    SPECIAL(recv, WSPRecv, datagram, OF_A_DATAGRAM),
    {.name = "sendto_datagram_ipv4",
     .function = SPI_WSPSendTo,
     .family = AF_INET,
     .rests_on = "callback/is_called_at_all",
     .variant = A_DATAGRAM},
    {.name = NULL},
};

enum { ROUNDS = 20, SEND_SIZE = 64, A_MINUTE_MS = 60000 };

/* A datagram has room at once, or is dropped. */
static struct outcome send_a_datagram(struct operation *operation)
{
    WSABUF buffer = {.len = (u_long)operation->data->size, .buf = (char *)operation->data->bytes};
    DWORD sent = 0;

    return spi_send_to(operation->socket, &buffer, 1, &sent, 0,
                       (const struct sockaddr *)&operation->address, operation->address_length);
}

/* A call that a round of the case makes, on a socket that is ready for it by then. */
static struct operation ready_operation(struct stage *stage, unsigned round)
{
    if (stage->function == SPI_WSPSend) {
        return operation_send(stage->socket,
                              buffer_with_pattern("the send buffer", SEND_SIZE, round * SEND_SIZE));
    }
    if (stage->function == SPI_WSPSendTo) {
        struct operation send = operation_send(
            stage->socket, buffer_with_pattern("the datagram", SEND_SIZE, round * SEND_SIZE));
        send.function = SPI_WSPSendTo;
        send.make = send_a_datagram;
        send.address = peer_address(stage->peer);
        send.address_length = address_length(&send.address);
        return send;
    }
    if (stage->function == SPI_WSPSelect) {
        /* Bytes are there, and there is room for more: by turns to read and to write. */
        struct operation select = operation_select(stage->socket->entry, stage->operation.timeout);
        operation_select_add(&select, round % 2, &stage->socket, 1);
        return select;
    }
    return operation_again(&stage->operation);
}

/* The stage of a send that can only wait has no room; this one has nothing but room. */
static struct stage *arrange_room(enum spi_function function, int family)
{
    struct stage *stage;
    struct connection connection;

    stage = calloc(1, sizeof *stage);
    connection = arrange_connection(family);
    stage->function = function;
    stage->family = family;
    stage->socket = connection.local;
    stage->peer = connection.peer;
    return stage;
}

static struct stage *arrange_ready(const struct case_row *row)
{
    struct stage *stage;

    if (row->variant == A_DATAGRAM) {
        stage = arrange_blocked(SPI_WSPRecvFrom, row->family);
        stage->function = SPI_WSPSendTo;
        return stage;
    }
    if (row->function == SPI_WSPSend) {
        return arrange_room(row->function, row->family);
    }
    stage = row->variant == OF_A_DATAGRAM ? arrange_receive_of_a_datagram(row->family)
                                          : arrange_blocked(row->function, row->family);
    stage->operation.flags = row->variant == PEEK ? MSG_PEEK : 0;
    if (row->variant == AT_THE_END) {
        peer_shutdown_send(stage->peer);
    }
    if (row->variant == TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }
    return stage;
}

static void make_ready(const struct case_row *row, struct stage *stage)
{
    if (stage->function == SPI_WSPSend || stage->function == SPI_WSPSendTo) {
        return;
    }
    if (row->variant != AT_THE_END) {
        stage_complete(stage);
    }
    require_that(NEEDED("provider"), wait_until_readable(stage->socket),
                 "WSPSelect once its socket has something to read", "readable", "not readable");
}

/*
 * BHK-07 (blocking hook overview: when the hook is called): a call that can finish at once does so,
 * without its blocking callback, whatever it may be that it finds: bytes, room, or the end.
 */
static void is_not_called_when_ready(const struct case_row *row)
{
    /* A socket, and a peer that makes it ready. */
    struct stage *stage = arrange_ready(row);
    struct client *t1 = client_start("T1");
    struct operation *operations = calloc(ROUNDS, sizeof *operations);
    int64_t callbacks = 0;

    /* The peer acts, the socket is ready, the call finds it so; many times. */
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct blocked_call *call;
        make_ready(row, stage);
        operations[round] = ready_operation(stage, round);
        call = start_call(t1, &operations[round], GOES_ON);
        if (!join_completed(call, NEEDED("provider"), ONE_OF(SUCCEEDS))) {
            break;
        }
        callbacks += call_callbacks(call);
    }

    /* None of them was kept waiting, so none was called back. */
    expect_number(MUST("BHK-07"), "blocking callbacks in calls that could finish at once", 0,
                  callbacks + callback_strays());
}

CASE(callback, is_not_called_when_ready) = {
    .run = is_not_called_when_ready,
    .function = FROM_ROW,
    .requirements = "BHK-07",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes the call, time and again, on a socket that is ready for it",
    .must = "the call succeeds, and the blocking callback is not called",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rows = calls,
};
