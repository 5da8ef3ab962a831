#include "harness/stream.h"

#include "harness/evidence.h"
#include "harness/names.h"
#include "harness/numbered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 64 << 10,
    SMALL_BUFFER = 64 << 10,
    FILL_LIMIT = 64 << 20,
    BIG_SEND = 1 << 20, /* beyond what a full connection takes once more when its peer reads */
    WANTED = 100,       /* by a receive that waits for all of it */
    OFFERED_FIRST = 40, /* by its peer */
    TURNS = 6,
    SLICE_MS = 20,
    MOMENT_MS = 60,
    IN_VAIN = 200
};

static bool is_broken(const struct stream *stream)
{
    return *stream->broken != '\0';
}

static void break_off(struct stream *stream, const char *where, const char *what)
{
    if (!is_broken(stream)) {
        snprintf(stream->broken, sizeof stream->broken, "%s: %s", where, what);
    }
}

/* ---- The peer's side ------------------------------------------------------------------------- */

/* Bytes of the call under test may come once all before them have, and before any later ones. */
static size_t match_doubtful(struct stream *stream, const unsigned char *bytes, size_t count)
{
    size_t same = 0;

    if (stream->lane != 0 && stream->arrived == stream->from) {
        same = numbered_match(bytes, count, stream->lane, stream->from + stream->in_doubt);
        stream->in_doubt += same;
    }
    return same;
}

static size_t match_arrived(struct stream *stream, const unsigned char *bytes, size_t count)
{
    bool before = stream->arrived < stream->own_from;
    bool own = !before && stream->arrived < stream->own_to;
    size_t border = before ? stream->own_from : own ? stream->own_to : SIZE_MAX;
    size_t same;

    if (count > border - stream->arrived) {
        count = border - stream->arrived;
    }
    same = numbered_match(bytes, count, own ? stream->lane : 0, stream->arrived);
    stream->arrived += same;
    return same;
}

static void bytes_arrive(struct stream *stream, const unsigned char *bytes, size_t count)
{
    char text[128];

    while (count > 0 && !is_broken(stream)) {
        size_t same = match_arrived(stream, bytes, count);
        if (same == 0) {
            same = match_doubtful(stream, bytes, count);
        }
        if (same == 0) {
            break_off(stream, "at the peer",
                      numbered_text(text, sizeof text, bytes, count, stream->arrived));
        }
        bytes += same;
        count -= same;
    }
}

/* Reads once; false if nothing came. */
static bool peer_reads_some(struct stream *stream, DWORD milliseconds)
{
    static unsigned char bytes[CHUNK];
    enum peer_end end;
    size_t count;

    if (stream->end != PEER_CONNECTED) {
        return false;
    }
    count = peer_receive_some(stream->peer, bytes, sizeof bytes, milliseconds, &end);
    stream->end = end;
    bytes_arrive(stream, bytes, count);
    return count > 0;
}

/* What is waited for while the peer reads; on a broken stream there is nothing to wait for. */
typedef bool (*condition)(const struct stream *stream, size_t value);

static bool has_arrived(const struct stream *stream, size_t value)
{
    return stream->arrived + stream->in_doubt >= value || is_broken(stream);
}

/* Until the end, that is. */
static bool has_ended(const struct stream *stream, size_t value)
{
    (void)value;
    return is_broken(stream);
}

/* A peer that cannot even wait, as it is a broken provider's, must not be asked for ever. */
static void peer_reads_until(struct stream *stream, condition enough, size_t value, DWORD patience)
{
    int64_t deadline = evidence_now() + (int64_t)patience * 1000;
    unsigned in_vain = 0;

    while (!enough(stream, value) && stream->end == PEER_CONNECTED && in_vain < IN_VAIN &&
           evidence_now() < deadline) {
        int64_t before = evidence_now();
        if (peer_reads_some(stream, SLICE_MS)) {
            deadline = evidence_now() + (int64_t)patience * 1000;
            in_vain = 0;
        } else if (evidence_now() - before < 1000) {
            in_vain++;
        }
    }
}

void stream_peer_reads(struct stream *stream, size_t count)
{
    peer_reads_until(stream, has_arrived, stream->arrived + stream->in_doubt + count,
                     settings.budgets.data);
}

bool stream_peer_sends(struct stream *stream, size_t count)
{
    unsigned char *bytes = malloc(count);
    bool sent;

    numbered_fill(bytes, count, 0, stream->peer_sent);
    sent = peer_tries_to_send(stream->peer, bytes, count);
    if (sent) {
        stream->peer_sent += count;
    }
    free(bytes);
    return sent;
}

/* ---- The client's side ----------------------------------------------------------------------- */

static struct client *worker(void)
{
    static struct client *client;

    if (client == NULL) {
        client = client_start("T9");
    }
    return client;
}

static void bytes_are_received(struct stream *stream, const unsigned char *bytes, size_t count)
{
    char text[128];
    size_t same = numbered_match(bytes, count, 0, stream->received);

    stream->received += same;
    if (same < count) {
        break_off(stream, "WSPRecv gave",
                  numbered_text(text, sizeof text, bytes + same, count - same, stream->received));
    } else if (stream->received > stream->peer_sent) {
        break_off(stream, "WSPRecv gave", "more than was sent");
    }
}

static struct buffer *numbered_buffer(const char *name, size_t size, unsigned lane, size_t position)
{
    struct buffer *buffer = buffer_new(name, size);

    numbered_fill(buffer->bytes, size, lane, position);
    return buffer;
}

struct stream *stream_over(struct spi_socket *socket, struct peer *peer)
{
    struct stream *stream = calloc(1, sizeof *stream);

    stream->socket = socket;
    stream->peer = peer;
    return stream;
}

struct stream *arrange_stream(int family)
{
    struct connection connection = arrange_connection(family);
    struct stream *stream = stream_over(connection.local, connection.peer);
    int size = SMALL_BUFFER;

    peer_make_buffers_small(stream->peer);
    spi_set_option(stream->socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return stream;
}

static void begin(struct stream *stream, enum spi_function function)
{
    stream->function = function;
    stream->told = 0;
    stream->lane = 0;
    stream->in_doubt = 0;
    stream->own_from = stream->own_to = 0;
    stream->taken = 0;
    stream->may_complete = false;
    stream->interrupted = false;
    stream->looks = 0;
    stream->received_again = false;
}

/* For a rescue: what comes now is no longer judged. */
static void drain(void *argument)
{
    static char sink[CHUNK];
    struct stream *stream = argument;

    while (peer_receive(stream->peer, sink, sizeof sink) > 0) {
    }
}

static void complete_by_reading(struct operation *operation)
{
    client_post(client_start("peer"), drain, operation->other_end);
}

static void complete_by_sending(struct operation *operation)
{
    stream_peer_sends(operation->other_end, operation->data->size);
}

/* Sends until nothing more fits. */
static void fill(struct stream *stream)
{
    static char chunk[CHUNK];
    struct outcome outcome = {0};
    size_t limit = stream->sent + FILL_LIMIT;

    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1",
                    spi_set_nonblocking(stream->socket, true), ONE_OF(RETURNS(0)));
    while (stream->sent < limit) {
        WSABUF buffer = {.len = sizeof chunk, .buf = chunk};
        DWORD sent = 0;
        numbered_fill(chunk, sizeof chunk, 0, stream->sent);
        outcome = spi_send(stream->socket, &buffer, 1, &sent, 0);
        if (outcome.failed) {
            break;
        }
        stream->sent += sent;
    }
    require_outcome(NEEDED("provider"), "non-blocking WSPSend while the peer does not read (G1)",
                    outcome, ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)));
    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 0",
                    spi_set_nonblocking(stream->socket, false), ONE_OF(RETURNS(0)));
}

void stream_block_send(struct stream *stream, struct client *client)
{
    static unsigned sends;
    size_t size;

    begin(stream, SPI_WSPSend);
    fill(stream);
    stream->lane = 1 + sends++ % (NUMBERED_LANES - 1);
    stream->from = stream->sent;
    size = BIG_SEND + 2 * (stream->sent - stream->arrived);
    stream->operation = operation_send(
        stream->socket, numbered_buffer("the send buffer", size, stream->lane, stream->from));
    stream->operation.complete = complete_by_reading;
    stream->operation.other_end = stream;
    stream->call = start_call(client, &stream->operation, CANCELS_WHEN_TOLD(&stream->told));
    prove_blocked(stream->call, 1);
}

/* The bytes of the call under test, which succeeded, are the next ones of the stream. */
static void send_succeeded(struct stream *stream)
{
    char text[128];

    stream->reported = operation_transferred(&stream->operation);
    if (stream->in_doubt > stream->reported) {
        snprintf(text, sizeof text, "%zu bytes of a WSPSend that reported %zu", stream->in_doubt,
                 stream->reported);
        break_off(stream, "at the peer", text);
    }
    stream->own_from = stream->from;
    stream->own_to = stream->from + stream->reported;
    if (stream->arrived == stream->from) {
        stream->arrived += stream->in_doubt;
    }
    stream->in_doubt = 0;
    stream->sent = stream->own_to;
}

static bool part_has_arrived(const struct stream *stream, size_t value)
{
    (void)value;
    return stream->in_doubt > 0 || is_broken(stream) || call_returned(stream->call);
}

static void block_send_partway(struct stream *stream, struct client *client)
{
    char text[128];

    stream_block_send(stream, client);
    peer_reads_until(stream, part_has_arrived, 0, settings.budgets.data);
    if (!call_returned(stream->call)) {
        evidence_note("step", "%zu bytes of the blocked WSPSend came to the peer",
                      stream->in_doubt);
        return;
    }
    require_outcome(NEEDED("provider"), "WSPSend of more than fits, once the peer reads (G1)",
                    call_outcome(stream->call), ONE_OF(RETURNS(0)));
    send_succeeded(stream);
    require_that(NEEDED("provider"), stream->reported == stream->operation.data->size,
                 "how many bytes a blocking WSPSend took", "all of them", "%s",
                 outcome_text(text, sizeof text, call_outcome(stream->call)));
    record_choice("WSPSend takes a buffer whole or not at all");
    peer_reads_until(stream, has_arrived, stream->sent, settings.budgets.data);
    stream_block_send(stream, client);
}

static void start_receive(struct stream *stream, size_t size, DWORD flags,
                          struct callback_script script, struct client *client)
{
    begin(stream, SPI_WSPRecv);
    stream->operation = operation_receive(stream->socket, size);
    stream->operation.flags = flags;
    stream->operation.complete = complete_by_sending;
    stream->operation.other_end = stream;
    stream->call = start_call(client, &stream->operation, script);
}

void stream_block_receive(struct stream *stream, size_t size, unsigned nth, bool before,
                          struct client *client)
{
    struct callback_script script = {.act = callback_tries_to_cancel, .at = nth};

    start_receive(stream, size, 0, before ? held_before(script) : held_after(script), client);
    stream->may_complete = before;
    prove_held(stream->call);
}

static bool can_be_read(const struct stream *stream)
{
    struct operation *look = malloc(sizeof *look);
    struct blocked_call *call;

    *look = operation_select(stream->socket->entry, read_only_timeval(0, 0));
    operation_select_add(look, 0, (struct spi_socket *const *)&stream->socket, 1);
    call = start_call(worker(), look, GOES_ON);
    return !wait_for_return(call, settings.budgets.data) || !outcome_is_zero(call_outcome(call));
}

/* How many of the bytes that came lie in the buffer of the blocked receive. */
static size_t in_buffer(const struct stream *stream)
{
    return numbered_match(stream->operation.data->bytes, stream->operation.data->size, 0,
                          stream->received);
}

/*
 * Between two callbacks the provider looks whether there is something to receive. What it then has
 * put into the buffer, and what nobody else could receive any more, it has taken.
 */
static void find_what_is_taken(struct stream *stream)
{
    for (unsigned turn = 0; turn < TURNS && in_buffer(stream) == 0; turn++) {
        unsigned before = call_callbacks(stream->call);
        if (!wait_for_callback(stream->call, before + 1, settings.budgets.hook)) {
            break;
        }
        if (turn > 0 && in_buffer(stream) == 0 && can_be_read(stream)) {
            break;
        }
    }
    if (!call_returned(stream->call) && in_buffer(stream) > 0 && !can_be_read(stream)) {
        stream->taken = in_buffer(stream);
    }
    evidence_note("step", "the blocked WSPRecv has taken %zu bytes that can be shown",
                  stream->taken);
}

/* False if the provider does not wait for all of a buffer. */
static bool block_receive_partway(struct stream *stream, struct client *client)
{
    start_receive(stream, WANTED, MSG_WAITALL, CANCELS_WHEN_TOLD(&stream->told), client);
    if (!wait_for_callback(stream->call, 1, settings.budgets.hook) && call_returned(stream->call)) {
        record_choice("WSPRecv refuses MSG_WAITALL");
        return false;
    }
    prove_blocked(stream->call, 1);
    stream_peer_sends(stream, OFFERED_FIRST);
    find_what_is_taken(stream);
    if (!call_returned(stream->call)) {
        return true;
    }
    require_outcome(NEEDED("provider"), "WSPRecv with MSG_WAITALL, when bytes came",
                    call_outcome(stream->call), ONE_OF(RETURNS(0)));
    bytes_are_received(stream, stream->operation.data->bytes,
                       operation_transferred(&stream->operation));
    record_choice("WSPRecv does not wait for all of a buffer (MSG_WAITALL)");
    return false;
}

void stream_block_partway(struct stream *stream, enum spi_function function, struct client *client)
{
    if (function == SPI_WSPSend) {
        block_send_partway(stream, client);
    } else if (!block_receive_partway(stream, client)) {
        stream_block_receive(stream, WANTED, 1, true, client);
        stream_peer_sends(stream, OFFERED_FIRST);
    }
}

bool stream_cancel(struct stream *stream)
{
    bool is_send = stream->function == SPI_WSPSend;
    struct outcome outcome;

    if (blocked_script(stream->call)->hold != HOLDS_NOWHERE) {
        let_go(stream->call);
    } else {
        InterlockedExchange(&stream->told, 1);
    }
    if (!join_raced(stream->call, stream->may_complete, MUST(is_send ? "SEND-01" : "RECV-01"),
                    ONE_OF(RETURNS(0), FAILS_WITH(WSAEINTR)))) {
        return false;
    }
    outcome = call_outcome(stream->call);
    stream->interrupted = outcome.failed;
    if (stream->interrupted) {
        prove(PROOF_CANCELLED, "%s ended with WSAEINTR", spi_function_name(stream->function));
        stream->socket->close_gate = gate_of_close_after(stream->function);
    } else if (is_send) {
        send_succeeded(stream);
    } else {
        stream->reported = operation_transferred(&stream->operation);
        bytes_are_received(stream, stream->operation.data->bytes, stream->reported);
    }
    return true;
}

/* ---- The world afterwards -------------------------------------------------------------------- */

const char *world_name(enum world world)
{
    static const char *const names[] = {"unharmed", "intact", "aborted", "indeterminate"};
    return names[world];
}

/* A call that carries data has returned, as one of those that follow the call under test. */
static void note_call(struct stream *stream, enum spi_function function, struct outcome outcome)
{
    if (outcome_is_error(outcome, WSAECONNABORTED)) {
        stream->said_aborted = true;
    } else if (!outcome.failed && stream->said_aborted) {
        stream->by_halves =
            about("%s succeeds after a WSAECONNABORTED", spi_function_name(function));
    }
}

/* One WSPRecv; false if it did not give what comes next. */
static bool receives_some(struct stream *stream, size_t size)
{
    struct operation *receive = malloc(sizeof *receive);
    struct blocked_call *call;
    size_t count;

    *receive = operation_receive(stream->socket, size);
    call = start_call(worker(), receive, GOES_ON);
    stream->receive_ended = wait_for_return(call, settings.budgets.data);
    if (!stream->receive_ended) {
        rescue(call);
        return false;
    }
    stream->receive = call_outcome(call);
    note_call(stream, SPI_WSPRecv, stream->receive);
    if (stream->receive.failed) {
        return false;
    }
    count = operation_transferred(receive);
    if (count == 0 && stream->received < stream->peer_sent) {
        break_off(stream, "WSPRecv gave", "the end of a stream that the peer has not ended");
    }
    if (count > size) {
        break_off(stream, "WSPRecv gave", "more bytes than there is room for");
        return false;
    }
    bytes_are_received(stream, receive->data->bytes, count);
    return count > 0 && !is_broken(stream);
}

static void look_by_receiving(struct stream *stream)
{
    size_t before = stream->received;
    size_t most = 1 + seeded(300);
    size_t next = 1 + seeded(300);

    if (stream->end == PEER_CONNECTED) {
        stream_peer_sends(stream, next);
    }
    do {
        if (!receives_some(stream, most)) {
            break;
        }
    } while (stream->received < stream->peer_sent);
    stream->received_again = stream->received > before;
}

static bool send_is_over(const struct stream *stream, size_t value)
{
    (void)stream;
    return call_returned((const struct blocked_call *)value);
}

static void look_by_sending(struct stream *stream)
{
    size_t size = 1 + seeded(2000);
    struct operation *send = malloc(sizeof *send);
    struct blocked_call *call;
    char text[128];

    *send =
        operation_send(stream->socket, numbered_buffer("what is sent next", size, 0, stream->sent));
    call = start_call(worker(), send, GOES_ON);
    /* It may have to wait until the peer has read what was sent before. */
    peer_reads_until(stream, send_is_over, (size_t)call, settings.budgets.data);
    stream->send_ended = wait_for_return(call, settings.budgets.data);
    if (!stream->send_ended) {
        rescue(call);
        return;
    }
    stream->send = call_outcome(call);
    note_call(stream, SPI_WSPSend, stream->send);
    if (stream->send.failed) {
        return;
    }
    stream->sent += operation_transferred(send);
    peer_reads_until(stream, has_arrived, stream->sent + stream->in_doubt, settings.budgets.data);
    if (stream->arrived < stream->sent && stream->end != PEER_RESET) {
        snprintf(text, sizeof text, "%zu of the %zu bytes that WSPSend took, and no more",
                 stream->arrived, stream->sent);
        break_off(stream, "at the peer", text);
    }
}

static bool says_aborted(bool ended, struct outcome outcome)
{
    return ended && outcome_is_error(outcome, WSAECONNABORTED);
}

static bool says_that_it_is_aborted(const struct stream *stream)
{
    return says_aborted(stream->receive_ended, stream->receive) ||
           says_aborted(stream->send_ended, stream->send);
}

static bool goes_on(const struct stream *stream)
{
    return stream->receive_ended && !stream->receive.failed && stream->send_ended &&
           !stream->send.failed && stream->end_at_look == PEER_CONNECTED && *stream->broken == '\0';
}

static bool sent_something(const struct stream *stream)
{
    return stream->send_ended && !stream->send.failed;
}

/* Where the connection of a damaged stream was ended with the call, what the peer sends now would
 * be answered by a reset all the same; so the peer looks first. */
static void look_at_the_end(struct stream *stream)
{
    bool may_be_aborted = stream->interrupted && (stream->in_doubt > 0 || stream->taken > 0);

    peer_reads_until(stream, has_ended, 0, may_be_aborted ? MOMENT_MS : 0);
}

/* Whether a damaged stream is aborted may be for the peer alone to say; it has its time, once. */
static void wait_for_the_end(struct stream *stream)
{
    bool must_end =
        stream->looks == 0 && stream_is_damaged(stream) && !says_that_it_is_aborted(stream);

    peer_reads_until(stream, has_ended, 0, must_end ? settings.budgets.data : MOMENT_MS);
}

void stream_look(struct stream *stream)
{
    stream->receive_ended = stream->send_ended = false;
    look_at_the_end(stream);
    look_by_receiving(stream);
    if (stream->socket->open) {
        look_by_sending(stream);
    }
    if (!stream->receive_ended || stream->receive.failed || !sent_something(stream)) {
        wait_for_the_end(stream);
    }
    stream->looks++;
    stream->end_at_look = stream->end;
    if (stream->end == PEER_RESET && stream->by_halves == NULL) {
        stream->by_halves = stream->received_again   ? "WSPRecv gives bytes, and the peer was reset"
                            : sent_something(stream) ? "WSPSend takes bytes, and the peer was reset"
                                                     : NULL;
    }
    if (goes_on(stream)) {
        stream->world = stream->interrupted ? WORLD_INTACT : WORLD_UNHARMED;
    } else if (stream->end == PEER_RESET || says_that_it_is_aborted(stream)) {
        stream->world = WORLD_ABORTED;
        stream->socket->close_gate = stream->function == SPI_WSPRecv
                                         ? "stream/aborted_one_closes/recv_ipv4"
                                         : "stream/aborted_one_closes/send_ipv4";
    } else {
        stream->world = WORLD_INDETERMINATE;
    }
    evidence_note("world", "%s", world_name(stream->world));
}

enum peer_end stream_peer_end(struct stream *stream)
{
    peer_reads_until(stream, has_ended, 0, settings.budgets.data);
    return stream->end;
}

void stream_end(struct stream *stream)
{
    struct operation *close;
    struct blocked_call *call;

    if (stream->world == WORLD_ABORTED && stream->end != PEER_CONNECTED) {
        return;
    }
    if (stream->socket->open) {
        close = malloc(sizeof *close);
        *close = operation_close(stream->socket);
        call = start_call(worker(), close, GOES_ON);
        if (!wait_for_return(call, settings.budgets.cancel)) {
            rescue(call);
            expect_that(
                ending(MUST("PCS-02")), false,
                about("WSPCloseSocket after a cancelled %s", spi_function_name(stream->function)),
                "it returns", "no return within %lu ms", settings.budgets.cancel);
        }
    }
    peer_reads_until(stream, has_ended, 0, settings.budgets.data);
}

/* ---- The judgement --------------------------------------------------------------------------- */

bool stream_is_damaged(const struct stream *stream)
{
    return stream->interrupted &&
           (stream->in_doubt > 0 || (stream->taken > 0 && !stream->received_again));
}

const char *stream_damage(const struct stream *stream)
{
    if (!stream_is_damaged(stream)) {
        return "no damage";
    }
    return stream->in_doubt > 0
               ? about("%zu bytes of the cancelled WSPSend came to the peer, and the client cannot "
                       "know it",
                       stream->in_doubt)
               : about("%zu bytes that the cancelled WSPRecv had taken cannot be received again",
                       stream->taken);
}

/* What was seen, for messages. */
static const char *seen(const struct stream *stream)
{
    char receive[100];
    char send[100];

    return about("%s; then WSPRecv: %s; WSPSend: %s; the peer: %s", stream_damage(stream),
                 stream->receive_ended ? outcome_text(receive, sizeof receive, stream->receive)
                                       : "no end",
                 stream->send_ended ? outcome_text(send, sizeof send, stream->send) : "no end",
                 peer_end_text(stream->end_at_look));
}

static bool expect_unbroken(struct demand demand, const struct stream *stream)
{
    return expect_that(demand, !is_broken(stream),
                       about("the bytes of both directions around a cancelled %s",
                             spi_function_name(stream->function)),
                       "none is lost, comes twice, or comes out of order", "%s", stream->broken);
}

/* Each world once, however often it is seen. */
static void record_world(const struct stream *stream)
{
    static bool recorded[WORLD_INDETERMINATE + 1];
    const char *name = spi_function_name(stream->function);

    if (recorded[stream->world]) {
        return;
    }
    recorded[stream->world] = true;
    if (stream->interrupted) {
        record_choice("a cancelled %s leaves the stream %s%s", name, world_name(stream->world),
                      stream->world != WORLD_INTACT && stream->end_at_look == PEER_CONNECTED
                          ? ", and the peer is not told"
                          : "");
    } else {
        record_choice("%s returns what it moved instead of being cancelled", name);
    }
}

/* A call that was not cancelled after all has done what it would have done (S23). */
static bool expect_unharmed(struct demand demand, const struct stream *stream)
{
    return expect_that(demand, goes_on(stream),
                       about("the stream after a %s that succeeded in spite of the cancel",
                             spi_function_name(stream->function)),
                       "it goes on in both directions", "%s", seen(stream));
}

bool expect_whole_or_aborted(struct demand demand, struct stream *stream)
{
    if (!expect_unbroken(demand, stream)) {
        return false;
    }
    record_world(stream);
    if (!stream->interrupted) {
        return expect_unharmed(demand, stream);
    }
    return expect_that(
        demand, !stream_is_damaged(stream) || stream->world == WORLD_ABORTED,
        about("the stream after a cancelled %s", spi_function_name(stream->function)),
        stream_is_damaged(stream) ? "an aborted connection, as there is damage"
                                  : "no damage, or an aborted connection",
        "%s", seen(stream));
}

bool expect_not_by_halves(struct demand demand, struct stream *stream)
{
    return expect_that(
        demand, stream->by_halves == NULL,
        about("the stream after a cancelled %s", spi_function_name(stream->function)),
        "data goes through and no reset is seen, or neither call works any more", "%s",
        stream->by_halves != NULL ? stream->by_halves : seen(stream));
}

bool expect_intact(struct demand demand, struct stream *stream)
{
    return expect_unbroken(demand, stream) &&
           expect_that(
               demand, goes_on(stream),
               about("the stream after a cancelled %s", spi_function_name(stream->function)),
               "it goes on in both directions", "%s", seen(stream));
}

bool is_damaged_and_aborted(struct demand demand, struct stream *stream)
{
    bool damaged = stream_is_damaged(stream) || is_broken(stream);

    if (!damaged) {
        record_world(stream);
        expect_that(demand, true, "whether the cancelled call damaged the stream",
                    "no, or it is aborted", "no");
        return false;
    }
    require_that(NEEDED("provider"), stream->world == WORLD_ABORTED && !is_broken(stream),
                 "an aborted connection, which send/cancelled_partway and recv/cancelled_partway "
                 "demand where a cancel did damage",
                 "one", "%s", is_broken(stream) ? stream->broken : seen(stream));
    return true;
}

static enum peer_end end_of_control_pair(int family, void (*end_it)(struct peer *))
{
    struct peer *listener = peer_listener(family, 5);
    struct sockaddr_storage address = peer_address(listener);
    struct peer *ended = peer_connect(&address);
    struct peer *watching = peer_accept(listener, settings.budgets.data);
    enum peer_end end = PEER_CONNECTED;

    end_it(ended);
    if (watching != NULL) {
        end = peer_end(watching, settings.budgets.data);
        peer_close(watching);
    }
    peer_close(listener);
    return end;
}

void stream_control(int family)
{
    enum peer_end reset;
    enum peer_end graceful;

    peer_control(family);
    if (!peers_are_provider()) {
        return;
    }
    reset = end_of_control_pair(family, peer_reset);
    graceful = end_of_control_pair(family, peer_close);
    require_that(NEEDED("provider"), reset == PEER_RESET && graceful == PEER_GRACEFUL_END,
                 "two control connections between sockets of the provider, one reset, one closed "
                 "(G8)",
                 "a reset, then a graceful end", "%s, then %s", peer_end_text(reset),
                 peer_end_text(graceful));
}

unsigned seeded(unsigned limit)
{
    static uint32_t state;

    if (state == 0) {
        state = settings.seed * 2654435761U + 1;
    }
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}
