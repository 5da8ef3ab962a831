#include "harness/case.h"

#include "harness/names.h"
#include "harness/world.h"

#include <stdio.h>
#include <string.h>

static const struct case_row calls[] = {SENT_OR_RECEIVED, {.name = NULL}};

/* What the client may call; all of it is to return at once. */
struct call {
    enum spi_function function;
    const char *how; /* what it is asked for, or NULL */
    struct outcome (*make)(struct spi_socket *socket);
};

static char bytes[64];

static struct outcome send_bytes(struct spi_socket *socket)
{
    WSABUF buffer = {.len = sizeof bytes, .buf = bytes};
    DWORD sent = 0;

    return spi_send(socket, &buffer, 1, &sent, 0);
}

static struct outcome receive_bytes(struct spi_socket *socket)
{
    WSABUF buffer = {.len = sizeof bytes, .buf = bytes};
    DWORD received = 0;
    DWORD flags = 0;

    return spi_receive(socket, &buffer, 1, &received, &flags);
}

static struct outcome peek_bytes(struct spi_socket *socket)
{
    WSABUF buffer = {.len = sizeof bytes, .buf = bytes};
    DWORD received = 0;
    DWORD flags = MSG_PEEK;

    return spi_receive(socket, &buffer, 1, &received, &flags);
}

static struct outcome send_bytes_to(struct spi_socket *socket)
{
    struct sockaddr_storage to = local_address(socket->entry->family);
    WSABUF buffer = {.len = sizeof bytes, .buf = bytes};
    DWORD sent = 0;

    return spi_send_to(socket, &buffer, 1, &sent, 0, (struct sockaddr *)&to, address_length(&to));
}

static struct outcome receive_bytes_from(struct spi_socket *socket)
{
    struct sockaddr_storage from = {0};
    WSABUF buffer = {.len = sizeof bytes, .buf = bytes};
    int length = (int)sizeof from;
    DWORD received = 0;
    DWORD flags = 0;

    return spi_receive_from(socket, &buffer, 1, &received, &flags, &from, &length);
}

static struct outcome shut_down(struct spi_socket *socket)
{
    return spi_shutdown(socket, SD_BOTH);
}

/* Made for the calls below, on the main thread. */
static struct overlapped *pending[2];

/* What an overlapped call came to: at once, or when its event was set. */
static struct outcome result_of(struct spi_socket *socket, struct overlapped *overlapped,
                                struct outcome begun)
{
    DWORD moved = 0;
    DWORD flags = 0;

    if (!outcome_is_error(begun, WSA_IO_PENDING) ||
        WaitForSingleObject(overlapped->completed, settings.budgets.cancel / 2) != WAIT_OBJECT_0) {
        return begun;
    }
    return spi_get_overlapped_result(socket, overlapped_structure(overlapped), &moved, false,
                                     &flags);
}

static struct outcome send_overlapped(struct spi_socket *socket)
{
    WSABUF buffer = {.len = sizeof bytes, .buf = bytes};
    static DWORD moved;
    static DWORD flags;

    return result_of(socket, pending[0],
                     overlapped_perform(pending[0], SPI_WSPSend, socket, &buffer, 1, &moved, &flags,
                                        NULL, NULL));
}

static struct outcome receive_overlapped(struct spi_socket *socket)
{
    WSABUF buffer = {.len = sizeof bytes, .buf = bytes};
    static DWORD moved;
    static DWORD flags;

    return result_of(socket, pending[1],
                     overlapped_perform(pending[1], SPI_WSPRecv, socket, &buffer, 1, &moved, &flags,
                                        NULL, NULL));
}

/* Those that carry data or end its flow are judged to the letter. */
static const struct call strict[] = {
    {SPI_WSPRecv, NULL, receive_bytes},
    {SPI_WSPSend, NULL, send_bytes},
    {SPI_WSPRecvFrom, NULL, receive_bytes_from},
    {SPI_WSPSendTo, NULL, send_bytes_to},
    {SPI_WSPRecvDisconnect, NULL, spi_receive_disconnect},
    {SPI_WSPSendDisconnect, NULL, spi_send_disconnect},
    {SPI_WSPShutdown, NULL, shut_down},
    {SPI_WSPSend, NULL, send_bytes},
    {SPI_WSPRecv, "with MSG_PEEK", peek_bytes},
    {SPI_WSPRecv, NULL, receive_bytes},
};

/* The same, of a provider that has overlapped calls. */
static const struct call overlapped_ones[] = {
    {SPI_WSPSend, "overlapped", send_overlapped},
    {SPI_WSPRecv, "overlapped", receive_overlapped},
};

static struct outcome get_type(struct spi_socket *socket)
{
    int type = 0;
    int size = (int)sizeof type;

    return spi_get_option(socket, SOL_SOCKET, SO_TYPE, &type, &size);
}

static struct outcome set_linger(struct spi_socket *socket)
{
    struct linger zero = {.l_onoff = 1, .l_linger = 0};

    return spi_set_option(socket, SOL_SOCKET, SO_LINGER, &zero, sizeof zero);
}

static struct outcome get_own_name(struct spi_socket *socket)
{
    struct sockaddr_storage address;

    return spi_get_sock_name(socket, &address);
}

static struct outcome get_peer_name(struct spi_socket *socket)
{
    struct sockaddr_storage address;

    return spi_get_peer_name(socket, &address);
}

static struct outcome ask_how_much(struct spi_socket *socket)
{
    u_long waiting = 0;
    DWORD returned = 0;

    return spi_ioctl(socket, (DWORD)FIONREAD, NULL, 0, &waiting, sizeof waiting, &returned);
}

static struct outcome select_once(struct spi_socket *socket)
{
    struct buffer *set = new_fd_set("the read set", &socket, 1);

    return spi_select(socket->entry, fd_set_of(set), NULL, NULL, read_only_timeval(0, 0));
}

/* S20 has a client set SO_LINGER after a cancel, so these are only told about. */
static const struct call free_ones[] = {
    {SPI_WSPGetSockOpt, "SO_TYPE", get_type}, {SPI_WSPSetSockOpt, "SO_LINGER", set_linger},
    {SPI_WSPGetSockName, NULL, get_own_name}, {SPI_WSPGetPeerName, NULL, get_peer_name},
    {SPI_WSPIoctl, "FIONREAD", ask_how_much}, {SPI_WSPSelect, NULL, select_once},
};

/* The calls are made on a thread of the client, as one that is not refused may wait. */
struct asked {
    const struct call *call;
    struct spi_socket *socket;
    struct outcome outcome;
};

static void ask(void *argument)
{
    struct asked *asked = argument;

    asked->outcome = asked->call->make(asked->socket);
}

static struct outcome ask_on(struct client *client, const struct call *call,
                             struct spi_socket *socket)
{
    static struct asked asked;

    asked = (struct asked){.call = call, .socket = socket};
    client_post(client, ask, &asked);
    if (!client_wait(client, settings.budgets.cancel)) {
        provider_skip_clean_up();
        stop_case(ending(MUST("STREAM-03")),
                  about("%s on the socket of a damaged stream", spi_function_name(call->function)),
                  "it fails with WSAECONNABORTED (10053)", "no return");
    }
    return asked.outcome;
}

/* What did not end has been rescued by closing the socket. */
static bool expect_calls_ended(const struct stream *stream)
{
    return expect_holds(ending(MUST("STREAM-03")), stream->receive_ended && stream->send_ended,
                        about("%s on the socket of a damaged stream",
                              stream->receive_ended ? "WSPSend" : "WSPRecv"),
                        "it fails with WSAECONNABORTED (10053)", "no return within %lu ms",
                        settings.budgets.data);
}

/* A provider need not have these two; then their error says more of the call than of the socket. */
static bool says_that_there_is_none(enum spi_function function, struct outcome outcome)
{
    return (function == SPI_WSPSendDisconnect || function == SPI_WSPRecvDisconnect) &&
           outcome_is_error(outcome, WSAEOPNOTSUPP);
}

static void expect_all_refused(struct client *client, struct spi_socket *socket)
{
    for (size_t i = 0; i < ARRAYSIZE(strict); i++) {
        const struct call *call = &strict[i];
        struct outcome outcome;
        if (!entry_has(socket->entry, call->function)) {
            continue;
        }
        outcome = ask_on(client, call, socket);
        if (!says_that_there_is_none(call->function, outcome)) {
            expect_outcome(MUST("STREAM-03"),
                           about("%s%s%s on the socket of a damaged stream",
                                 spi_function_name(call->function), call->how != NULL ? " " : "",
                                 call->how != NULL ? call->how : ""),
                           outcome, ONE_OF(FAILS_WITH(WSAECONNABORTED)));
        }
    }
}

/* Without them, WSAEOPNOTSUPP says more of the call than of the socket (G5). */
static void expect_overlapped_refused(struct client *client, struct spi_socket *socket)
{
    for (size_t i = 0; i < ARRAYSIZE(overlapped_ones); i++) {
        struct outcome outcome;
        pending[i] = overlapped_new(BY_EVENT);
        outcome = ask_on(client, &overlapped_ones[i], socket);
        if (!outcome_is_error(outcome, WSAEOPNOTSUPP)) {
            expect_outcome(MUST("STREAM-03"),
                           about("overlapped %s on the socket of a damaged stream",
                                 spi_function_name(overlapped_ones[i].function)),
                           outcome, ONE_OF(FAILS_WITH(WSAECONNABORTED)));
        }
    }
}

static void record_what_is_not_refused(struct client *client, struct spi_socket *socket)
{
    char names[160] = "";

    for (size_t i = 0; i < ARRAYSIZE(free_ones); i++) {
        const struct call *call = &free_ones[i];
        struct outcome outcome = ask_on(client, call, socket);
        size_t used = strlen(names);
        if (!outcome_is_error(outcome, WSAECONNABORTED)) {
            snprintf(names + used, sizeof names - used, "%s%s%s%s", used > 0 ? ", " : "",
                     spi_function_name(call->function), call->how != NULL ? " " : "",
                     call->how != NULL ? call->how : "");
        }
    }
    record_choice("after an abort %s with WSAECONNABORTED%s%s",
                  *names == '\0' ? "queries and options fail, too," : "all fail",
                  *names == '\0' ? "" : " but ", names);
}

/*
 * STREAM-03 (WSPCancelBlockingCall: S21): when a cancel has damaged a stream, every further call on
 * its socket but WSPCloseSocket fails with WSAECONNABORTED.
 */
static void damaged_one_refuses_calls(const struct case_row *row)
{
    /* A connection whose bytes are numbered. */
    struct stream *stream = arrange_stream(row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in a call of which a part is done; its callback cancels. */
    stream_block_partway(stream, row->function, t1);
    if (!stream_cancel(stream)) {
        return;
    }

    /* If that did damage, the client gets nothing through the socket any more. */
    stream_look(stream);
    if (is_damaged_and_aborted(MUST("STREAM-03"), stream) && expect_calls_ended(stream)) {
        expect_all_refused(t1, stream->socket);
        expect_overlapped_refused(t1, stream->socket);
        record_what_is_not_refused(t1, stream->socket);
    }
}

CASE(stream, damaged_one_refuses_calls) = {
    .run = damaged_one_refuses_calls,
    .function = FROM_ROW,
    .requirements = "STREAM-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSend or WSPRecv of which a part is done, and goes on using the socket",
    .must = "if that damaged the stream, sending, receiving and shutting down fail with "
            "WSAECONNABORTED",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
