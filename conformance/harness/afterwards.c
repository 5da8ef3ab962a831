#include "harness/afterwards.h"

#include "harness/evidence.h"
#include "harness/joined.h"
#include "harness/names.h"
#include "harness/upcall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ECHO_SIZE = 48, MESSAGES_BESIDE = 12 };

/* STATUS_CANCELLED, which ntstatus.h defines in conflict with windows.h. */
#define STATUS_OF_CANCELLED 0xC0000120UL

static struct outcome send_all(struct spi_socket *socket, const struct buffer *data)
{
    WSABUF buffer = {.len = (u_long)data->size, .buf = (char *)data->bytes};
    DWORD sent = 0;

    return spi_send(socket, &buffer, 1, &sent, 0);
}

/*
 * What has to complete at once is done on a thread of its own all the same: if the provider gets
 * it wrong, the case goes on and says so.
 */
static struct client *worker(void)
{
    static struct client *client;

    if (client == NULL) {
        client = client_start("T0");
    }
    return client;
}

bool expect_receives(struct demand demand, const char *what, struct spi_socket *socket,
                     const void *bytes, size_t count)
{
    const unsigned char *wanted = bytes;
    char whole[160];
    size_t have = 0;

    while (have < count) {
        struct operation *receive = malloc(sizeof *receive);
        struct blocked_call *call;
        size_t got;
        *receive = operation_receive(socket, count - have);
        call = start_call(worker(), receive, GOES_ON);
        if (!join_completed(call, demand, ONE_OF(RETURNS(0)))) {
            return false;
        }
        got = operation_transferred(receive);
        snprintf(whole, sizeof whole, "how many bytes WSPRecv gave %s", what);
        if (!expect_that(demand, got > 0 && got <= count - have, whole, "some of those sent", "%zu",
                         got)) {
            return false;
        }
        snprintf(whole, sizeof whole, "what WSPRecv gave %s", what);
        if (!expect_bytes(demand, whole, wanted + have, receive->data->bytes, got)) {
            return false;
        }
        have += got;
    }
    return true;
}

bool expect_echo(struct demand demand, const char *what, struct spi_socket *local,
                 struct peer *peer)
{
    struct buffer *out = buffer_with_pattern("the echo, there", ECHO_SIZE, 1000);
    unsigned char arrived[ECHO_SIZE] = {0};
    char whole[160];
    size_t count;

    snprintf(whole, sizeof whole, "WSPSend %s", what);
    if (!expect_outcome(demand, whole, send_all(local, out), ONE_OF(RETURNS(0)))) {
        return false;
    }
    count = peer_receive(peer, arrived, sizeof arrived);
    snprintf(whole, sizeof whole, "what the peer received %s", what);
    if (!expect_that(demand, count == ECHO_SIZE && memcmp(arrived, out->bytes, ECHO_SIZE) == 0,
                     whole, "the bytes that were sent", "%zu bytes%s", count,
                     count == ECHO_SIZE ? ", others than were sent" : "")) {
        return false;
    }
    peer_send(peer, arrived, count);
    return expect_receives(demand, what, local, out->bytes, ECHO_SIZE);
}

struct spi_socket *expect_accepts(struct demand demand, const char *what,
                                  struct spi_socket *listener)
{
    struct operation *accept = malloc(sizeof *accept);
    struct blocked_call *call;

    *accept = operation_accept(listener);
    call = start_call(worker(), accept, GOES_ON);
    evidence_note("step", "%s", what);
    return join_completed(call, demand, ONE_OF(SUCCEEDS)) ? accept->accepted : NULL;
}

/* If the connect has failed, the transport may have had enough of a listener without room. */
static bool expect_connected(struct demand demand, const struct stage *stage,
                             const struct operation *look)
{
    bool connected = fd_set_holds(fd_set_of(look->sets[1]), stage->socket->handle);
    int reason = 0;
    int size = sizeof reason;
    bool gave_up;

    spi_get_option(stage->socket, SOL_SOCKET, SO_ERROR, &reason, &size);
    gave_up = !connected && (reason == WSAECONNREFUSED || reason == WSAETIMEDOUT);
    return expect_that(gave_up ? NEEDED("environment") : demand, connected,
                       "WSPSelect for a connect that can come through",
                       "the socket in the write set", "%s, with SO_ERROR %d",
                       connected ? "there" : "not there", reason);
}

bool expect_comes_through(struct demand demand, struct client *client, struct stage *stage)
{
    struct operation *look = malloc(sizeof *look);
    struct peer *peer;

    let_pending_connect_through(stage);
    *look = operation_select(stage->socket->entry, NULL);
    operation_select_add(look, 1, &stage->socket, 1);
    operation_select_add(look, 2, &stage->socket, 1);
    if (!join_completed(start_call(client, look, GOES_ON), demand, ONE_OF(SUCCEEDS)) ||
        !expect_connected(demand, stage, look)) {
        return false;
    }
    peer = expect_pending_connect_arrived(demand, stage);
    return peer != NULL &&
           expect_outcome(demand, "WSPIoctl FIONBIO 0 once it has come through",
                          spi_set_nonblocking(stage->socket, false), ONE_OF(RETURNS(0))) &&
           expect_echo(demand, "over the connection that came through", stage->socket, peer);
}

void messages_pass_beside(struct stage *beside, struct client *client,
                          const struct operation *cancelled)
{
    for (int i = 0; i < MESSAGES_BESIDE && operation_changed_late(cancelled) == NULL; i++) {
        struct operation *receive = malloc(sizeof *receive);
        struct blocked_call *call;
        *receive = operation_again(&beside->operation);
        call = start_call(client, receive, GOES_ON);
        stage_complete(beside);
        if (!join_completed(call, NEEDED("provider"), ONE_OF(RETURNS(0)))) {
            return;
        }
    }
}

bool expect_memory_untouched(struct demand demand, const struct operation *operation)
{
    const struct buffer *changed = operation_changed_late(operation);

    return expect_holds(demand, changed == NULL,
                        about("the memory of the cancelled %s, when its data came after all",
                              spi_function_name(operation->function)),
                        "as the client had left it", "%s changed at byte %td",
                        changed == NULL ? "" : changed->name,
                        changed == NULL ? 0 : buffer_changed_late(changed));
}

bool expect_closes_on(struct client *client, struct demand demand, const char *what,
                      struct spi_socket *socket)
{
    struct operation *close = malloc(sizeof *close);
    struct blocked_call *call;

    *close = operation_close(socket);
    call = start_call(client, close, GOES_ON);
    if (!wait_for_return(call, settings.budgets.cancel)) {
        rescue(call);
        return expect_that(ending(demand), false, what, "it returns", "no return within %lu ms",
                           settings.budgets.cancel);
    }
    return expect_outcome(demand, what, call_outcome(call), ONE_OF(RETURNS(0)));
}

bool expect_closes(struct demand demand, const char *what, struct spi_socket *socket)
{
    return expect_closes_on(worker(), demand, what, socket);
}

bool expect_ended_for_peer(struct demand demand, const char *what, struct peer *peer,
                           DWORD patience)
{
    enum peer_end end = peer_end(peer, patience);

    return expect_that(patience < settings.budgets.late ? NEEDED("provider") : demand,
                       end != PEER_CONNECTED, what, "a reset, or a graceful end", "%s after %lu ms",
                       peer_end_text(end), patience);
}

static bool expect_select(struct demand demand, const char *what, struct spi_socket *socket,
                          const struct timeval *timeout, bool readable)
{
    struct operation *look = malloc(sizeof *look);
    struct blocked_call *call;

    *look = operation_select(socket->entry, timeout);
    operation_select_add(look, 0, &socket, 1);
    call = start_call(worker(), look, GOES_ON);
    evidence_note("step", "%s", what);
    if (!join_completed(call, demand, ONE_OF(SUCCEEDS))) {
        return false;
    }
    /* After 0 nobody looks into the set. */
    return expect_that(demand,
                       call_outcome(call).value == readable &&
                           (!readable || fd_set_holds(fd_set_of(look->sets[0]), socket->handle)),
                       what, readable ? "1, with the socket in the set" : "0",
                       "%lld, with %u sockets in the set", (long long)call_outcome(call).value,
                       fd_set_of(look->sets[0])->fd_count);
}

bool expect_readable(struct demand demand, const char *what, struct spi_socket *socket,
                     bool readable)
{
    return expect_select(demand, what, socket, read_only_timeval(0, 0), readable);
}

bool expect_becomes_readable(struct demand demand, const char *what, struct spi_socket *socket)
{
    return expect_select(demand, what, socket, NULL, true);
}

static struct sockaddr_storage sender_of(const struct operation *receive)
{
    struct sockaddr_storage sender = {0};

    memcpy(&sender, receive->from->bytes, min(sizeof sender, receive->from->size));
    return sender;
}

static bool is_same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
    const struct sockaddr_in *b4 = (const struct sockaddr_in *)b;
    const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;
    const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)b;

    if (a->ss_family != b->ss_family || a4->sin_port != b4->sin_port) {
        return false;
    }
    return a->ss_family == AF_INET6
               ? memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0
               : memcmp(&a4->sin_addr, &b4->sin_addr, sizeof a4->sin_addr) == 0;
}

bool expect_sender(struct demand demand, const char *what, const struct operation *receive,
                   const struct peer *from)
{
    struct sockaddr_storage sender = sender_of(receive);
    struct sockaddr_storage wanted = peer_address(from);
    char right[80];
    char named[80];

    address_text(right, sizeof right, (const struct sockaddr *)&wanted);
    return expect_that(demand, is_same_address(&sender, &wanted), what,
                       about("%s, the peer that sent the datagram", right), "%s",
                       address_text(named, sizeof named, (const struct sockaddr *)&sender));
}

static bool expect_the_data(struct demand demand, const struct stage *stage)
{
    const struct operation *receive = &stage->operation;
    const char *name = spi_function_name(stage->function);
    size_t least = stage->socket->entry->type == SOCK_DGRAM ? STAGE_DATA_SIZE : 1;
    const unsigned char *sent =
        buffer_with_pattern("what the peer sent", STAGE_DATA_SIZE, 0)->bytes;
    DWORD count = operation_transferred(receive);
    DWORD taken = (receive->flags & MSG_PEEK) != 0 ? 0 : count;

    return expect_that(demand, count >= least && count <= STAGE_DATA_SIZE,
                       about("how many bytes the completed %s received", name),
                       least > 1 ? "the whole datagram" : "some of those sent", "%lu", count) &&
           expect_bytes(demand, about("what the completed %s received", name), sent,
                        receive->data->bytes, count) &&
           (taken == STAGE_DATA_SIZE ||
            expect_receives(demand, "after the completed call", stage->socket, sent + taken,
                            STAGE_DATA_SIZE - taken));
}

static bool expect_the_readable_socket(struct demand demand, const struct stage *stage)
{
    const unsigned char *sent =
        buffer_with_pattern("what the peer sent", STAGE_DATA_SIZE, 0)->bytes;

    return expect_that(demand,
                       fd_set_holds(fd_set_of(stage->operation.sets[0]), stage->socket->handle),
                       "the read set of the completed WSPSelect", "the socket is in it",
                       "the socket is not in it") &&
           expect_receives(demand, "after the completed WSPSelect", stage->socket, sent,
                           STAGE_DATA_SIZE);
}

static bool expect_the_writable_socket(struct demand demand, const struct stage *stage)
{
    return expect_that(demand,
                       fd_set_holds(fd_set_of(stage->operation.sets[1]), stage->socket->handle),
                       "the write set of the completed WSPSelect", "the socket is in it",
                       "the socket is not in it");
}

static const struct acceptable *completed_outcome(enum spi_function function)
{
    static const struct acceptable zero[] = {RETURNS(0), {.kind = ACCEPT_END}};
    static const struct acceptable one[] = {RETURNS(1), {.kind = ACCEPT_END}};
    static const struct acceptable socket[] = {SUCCEEDS, {.kind = ACCEPT_END}};

    return function == SPI_WSPAccept ? socket : function == SPI_WSPSelect ? one : zero;
}

static bool expect_the_results(struct demand demand, struct stage *stage)
{
    switch (stage->function) {
    case SPI_WSPAccept:
        return expect_echo(demand, "over the accepted connection", stage->operation.accepted,
                           stage->arrivals[stage->arrived - 1]);
    case SPI_WSPSelect:
        return stage->operation.sets[0] != NULL ? expect_the_readable_socket(demand, stage)
                                                : expect_the_writable_socket(demand, stage);
    case SPI_WSPRecv:
    case SPI_WSPRecvFrom:
        return expect_the_data(demand, stage);
    case SPI_WSPSend:
        return expect_that(demand,
                           operation_transferred(&stage->operation) == stage->operation.data->size,
                           "how many bytes the completed WSPSend took", "all of them", "%lu",
                           operation_transferred(&stage->operation));
    default:
        return true;
    }
}

bool expect_completed(struct demand demand, struct stage *stage, struct blocked_call *call)
{
    return join_completed(call, demand, completed_outcome(stage->function)) &&
           expect_the_results(demand, stage);
}

bool expect_completes(struct demand demand, struct stage *stage, struct blocked_call *call)
{
    if (!call_returned(call)) {
        stage_complete(stage);
    }
    return expect_completed(demand, stage, call);
}

bool expect_ends(struct demand demand, struct stage *stage, struct blocked_call *call)
{
    if (stage->function != SPI_WSPConnect) {
        return expect_completes(demand, stage, call);
    }
    stage_complete(stage);
    return join_completed(call, demand,
                          ONE_OF(SUCCEEDS, FAILS_WITH(WSAECONNREFUSED), FAILS_WITH(WSAETIMEDOUT)));
}

bool expect_waits_for_peer(struct demand demand, const char *what, struct client *client,
                           struct spi_socket *local, struct peer *peer)
{
    struct stage *stage = stage_of_connection(local, peer);
    struct blocked_call *call = start_call(client, &stage->operation, GOES_ON);

    return expect_still_blocked(call, demand, what) && expect_completes(demand, stage, call);
}

struct blocked_call *begin_overlapped(struct client *client, struct stage *stage,
                                      enum completion how)
{
    struct blocked_call *call;

    stage->operation.overlapped = overlapped_new(how);
    call = start_call(client, &stage->operation, GOES_ON);
    if (!wait_for_return(call, settings.budgets.cancel) && !rescue(call)) {
        stop_case(NEEDED("provider"), about("overlapped %s", spi_function_name(stage->function)),
                  "it returns", "no return, whatever its peer does");
    }
    return call;
}

void require_pending(const struct stage *stage, const struct blocked_call *call)
{
    bool may_lack = stage->function == SPI_WSPIoctl || settings.claimed_lacking[FEATURE_OVERLAPPED];

    require_outcome(
        may_lack ? OFFERED : NEEDED("provider"),
        about("overlapped %s that nothing lets complete (G5)", spi_function_name(stage->function)),
        call_outcome(call), ONE_OF(FAILS_WITH(WSA_IO_PENDING)));
}

void begin_pending(struct client *client, struct stage *stage, enum completion how)
{
    require_pending(stage, begin_overlapped(client, stage, how));
}

/* What the client is told of an operation that was completed. */
static struct outcome result_of(struct stage *stage, DWORD *bytes, DWORD *flags)
{
    const struct overlapped *overlapped = stage->operation.overlapped;

    if (overlapped->how == BY_EVENT) {
        return spi_get_overlapped_result(stage->socket, overlapped_structure(overlapped), bytes,
                                         false, flags);
    }
    *bytes = overlapped->bytes;
    *flags = overlapped->flags;
    return (struct outcome){.kind = OUTCOME_CODE,
                            .failed = overlapped->error != 0,
                            .value = (INT_PTR)overlapped->error,
                            .error = (int)overlapped->error,
                            .error_stored = true};
}

bool expect_still_pending(struct demand demand, const char *what, struct stage *stage)
{
    bool completed = overlapped_has_completed(stage->operation.overlapped);
    DWORD bytes = 0;
    DWORD flags = 0;

    if (completed && stage->function == SPI_WSPIoctl) {
        return expect_outcome(demand, what, result_of(stage, &bytes, &flags),
                              stage->operation.overlapped->how == BY_EVENT ? ONE_OF(RETURNS(TRUE))
                                                                           : ONE_OF(RETURNS(0)));
    }
    return stage->function == SPI_WSPSend || expect_that(demand, !completed, what, "still pending",
                                                         "the client was told that it is complete");
}

bool expect_pending_completes(struct demand demand, struct stage *stage, struct client *client)
{
    struct overlapped *overlapped = stage->operation.overlapped;
    const char *name = spi_function_name(stage->function);
    struct outcome outcome;
    DWORD bytes = 0;
    DWORD flags = 0;

    stage_complete(stage);
    if (!expect_holds(demand, overlapped_wait(overlapped, client, settings.budgets.data),
                      about("overlapped %s once it can complete", name),
                      overlapped->how == BY_EVENT ? "its event is set" : "its routine is run",
                      "neither its event nor its routine tells of it within %lu ms",
                      settings.budgets.data)) {
        return false;
    }
    outcome = result_of(stage, &bytes, &flags);
    if (!expect_outcome(demand, about("result of the overlapped %s", name), outcome,
                        overlapped->how == BY_EVENT ? ONE_OF(RETURNS(TRUE)) : ONE_OF(RETURNS(0)))) {
        return false;
    }
    prove(PROOF_COMPLETED, "overlapped %s: %lu bytes", name, bytes);
    operation_completed(&stage->operation, bytes, flags);
    return expect_the_results(demand, stage);
}

bool another_pending_completes(struct client *client, enum spi_function function, int family,
                               enum completion how)
{
    struct stage *stage;

    if (function == SPI_WSPIoctl) {
        return true;
    }
    stage = arrange_blocked(function, family);
    begin_pending(client, stage, how);
    return expect_pending_completes(NEEDED("provider"), stage, client);
}

/* The status is an NTSTATUS where the system completed the operation, as it does for IFS handles.
 */
static int error_of_status(ULONG_PTR status)
{
    return (DWORD)status == STATUS_OF_CANCELLED ? WSA_OPERATION_ABORTED : (int)(DWORD)status;
}

/*
 * An event tells no status. It stands in the OVERLAPPED if WPUCompleteOverlappedRequest or, for an
 * IFS handle, the system has written it there; else the member is the provider's own.
 */
static void find_status(struct closed_pending *closed, const struct overlapped *overlapped,
                        bool by_upcall, bool ifs)
{
    if (overlapped->how == BY_ROUTINE) {
        closed->status_known = true;
        closed->status = error_of_status(overlapped->error);
        return;
    }
    closed->status = error_of_status(overlapped_structure(overlapped)->Internal);
    /* Which other NTSTATUS the client would be told as which error is for the system to say. */
    closed->status_known = by_upcall || (ifs && closed->status >= 0);
}

struct closed_pending close_while_pending(struct stage *stage, struct client *client)
{
    struct closed_pending closed = {.told = false};
    struct overlapped *overlapped = stage->operation.overlapped;
    const struct socket_handle *handle = upcall_handle(stage->socket->handle);
    LONG before = upcall_count(UPCALL_WPUCompleteOverlappedRequest);

    require_that(
        NEEDED("provider"), !overlapped_has_completed(overlapped),
        about("overlapped %s before its socket is closed", spi_function_name(stage->function)),
        "pending", "complete");
    if (!expect_closes(NEEDED("provider"), "WSPCloseSocket while an overlapped call is pending",
                       stage->socket)) {
        stop_case(NEEDED("provider"), "WSPCloseSocket", "the socket is closed", "it is not");
    }
    closed.told = overlapped_wait(overlapped, client, settings.budgets.data);
    if (closed.told) {
        find_status(&closed, overlapped, upcall_count(UPCALL_WPUCompleteOverlappedRequest) > before,
                    handle == NULL || handle->ifs);
        operation_completed(&stage->operation, 0, 0);
    }
    return closed;
}

bool expect_arrival(struct demand demand, struct spi_socket *accepted, unsigned number)
{
    unsigned char wanted = (unsigned char)number;
    char what[120];

    snprintf(what, sizeof what,
             "over the connection that should be number %u, whose peer sends its number", number);
    return expect_receives(demand, what, accepted, &wanted, 1);
}
