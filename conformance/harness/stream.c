#include "harness/stream.h"

#include "harness/drain.h"
#include "harness/evidence.h"
#include "harness/joined.h"
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
    TRIES = 3,
    SLICE_MS = 20,
    IN_VAIN = 200
};

bool stream_is_broken(const struct stream *stream)
{
    return *stream->broken != '\0';
}

void stream_breaks(struct stream *stream, const char *where, const char *what)
{
    if (!stream_is_broken(stream)) {
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

/* In which lane the next bytes are to come, and how many of them at most. */
static unsigned lane_of_next(const struct stream *stream, size_t *most)
{
    for (unsigned i = 0; i < stream->owns; i++) {
        const struct own_bytes *own = &stream->own[i];
        if (stream->arrived < own->from) {
            *most = own->from - stream->arrived;
            return 0;
        }
        if (stream->arrived < own->to) {
            *most = own->to - stream->arrived;
            return own->lane;
        }
    }
    *most = SIZE_MAX;
    return 0;
}

static size_t match_arrived(struct stream *stream, const unsigned char *bytes, size_t count)
{
    size_t most;
    unsigned lane = lane_of_next(stream, &most);
    size_t same = numbered_match(bytes, count < most ? count : most, lane, stream->arrived);

    stream->arrived += same;
    return same;
}

static void bytes_arrive(struct stream *stream, const unsigned char *bytes, size_t count)
{
    char text[128];

    while (count > 0 && !stream_is_broken(stream)) {
        size_t same = match_arrived(stream, bytes, count);
        if (same == 0) {
            same = match_doubtful(stream, bytes, count);
        }
        if (same == 0) {
            stream_breaks(stream, "at the peer",
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

bool stream_has_arrived(const struct stream *stream, size_t value)
{
    return stream->arrived + stream->in_doubt >= value || stream_is_broken(stream);
}

bool stream_has_ended(const struct stream *stream, size_t value)
{
    (void)value;
    return stream_is_broken(stream);
}

/* A peer that cannot even wait, as it is a broken provider's, must not be asked for ever. */
void stream_peer_reads_until(struct stream *stream, stream_condition enough, size_t value,
                             DWORD patience)
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
    stream_peer_reads_until(stream, stream_has_arrived, stream->arrived + stream->in_doubt + count,
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

struct client *stream_worker(void)
{
    static struct client *client;

    if (client == NULL) {
        client = client_start("T9");
    }
    return client;
}

void stream_receives(struct stream *stream, const unsigned char *bytes, size_t count)
{
    char text[128];
    size_t same = numbered_match(bytes, count, 0, stream->received);

    stream->received += same;
    if (same < count) {
        stream_breaks(
            stream, "WSPRecv gave",
            numbered_text(text, sizeof text, bytes + same, count - same, stream->received));
    } else if (stream->received > stream->peer_sent) {
        stream_breaks(stream, "WSPRecv gave", "more than was sent");
    }
}

struct buffer *stream_buffer(const char *name, size_t size, unsigned lane, size_t position)
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
    stream->taken = 0;
    stream->may_complete = false;
    stream->interrupted = false;
    stream->looks = 0;
    stream->received_again = false;
}

/* For a rescue: what comes now is no longer judged. */
static void complete_by_reading(struct operation *operation)
{
    struct stream *stream = operation->other_end;

    drain_begin(stream->peer);
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

/* The bytes of the call under test, which succeeded, are the next ones of the stream. */
static void send_succeeded(struct stream *stream)
{
    struct own_bytes *own;
    char text[128];

    stream->reported = operation_transferred(&stream->operation);
    if (stream->in_doubt > stream->reported) {
        snprintf(text, sizeof text, "%zu bytes of a WSPSend that reported %zu", stream->in_doubt,
                 stream->reported);
        stream_breaks(stream, "at the peer", text);
    }
    if (stream->owns == ARRAYSIZE(stream->own)) {
        memmove(&stream->own[0], &stream->own[1], --stream->owns * sizeof stream->own[0]);
    }
    own = &stream->own[stream->owns++];
    *own = (struct own_bytes){stream->from, stream->from + stream->reported, stream->lane};
    if (stream->arrived == stream->from) {
        stream->arrived += stream->in_doubt;
    }
    stream->in_doubt = 0;
    stream->sent = own->to;
}

static bool took_all(const struct stream *stream)
{
    return call_returned(stream->call) && !call_outcome(stream->call).failed &&
           operation_transferred(&stream->operation) == stream->operation.data->size;
}

static void start_send(struct stream *stream, struct client *client)
{
    static unsigned sends;
    size_t size;

    begin(stream, SPI_WSPSend);
    fill(stream);
    stream->lane = 1 + sends++ % (NUMBERED_LANES - 1);
    stream->from = stream->sent;
    size = BIG_SEND + 2 * (stream->sent - stream->arrived);
    stream->operation = operation_send(
        stream->socket, stream_buffer("the send buffer", size, stream->lane, stream->from));
    stream->operation.pieces = stream->pieces;
    stream->operation.complete = complete_by_reading;
    stream->operation.other_end = stream;
    stream->call = start_call(client, &stream->operation, CANCELS_WHEN_TOLD(&stream->told));
}

/*
 * Where the system has made a little room since the connection was full, a provider that takes
 * buffers whole may take this one; then there is no room for the next.
 */
void stream_block_send(struct stream *stream, struct client *client)
{
    start_send(stream, client);
    for (unsigned tries = 1; tries < TRIES; tries++) {
        if (wait_for_callback(stream->call, 1, settings.budgets.hook) || !took_all(stream)) {
            break;
        }
        send_succeeded(stream);
        start_send(stream, client);
    }
    prove_blocked(stream->call, 1);
}

static bool part_has_arrived(const struct stream *stream, size_t value)
{
    (void)value;
    return stream->in_doubt > 0 || stream_is_broken(stream) || call_returned(stream->call);
}

static void block_send_partway(struct stream *stream, struct client *client)
{
    char text[128];

    stream_block_send(stream, client);
    stream_peer_reads_until(stream, part_has_arrived, 0, settings.budgets.data);
    if (!call_returned(stream->call)) {
        evidence_note("progress", "%zu bytes of the blocked WSPSend came to the peer",
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
    stream_peer_reads_until(stream, stream_has_arrived, stream->sent, settings.budgets.data);
    stream_block_send(stream, client);
}

static void start_receive(struct stream *stream, size_t size, DWORD flags,
                          struct callback_script script, struct client *client)
{
    begin(stream, SPI_WSPRecv);
    stream->operation = operation_receive(stream->socket, size);
    stream->operation.flags = flags;
    stream->operation.pieces = stream->pieces;
    stream->operation.complete = complete_by_sending;
    stream->operation.other_end = stream;
    stream->call = start_call(client, &stream->operation, script);
}

void stream_block_receive(struct stream *stream, size_t size, unsigned nth, bool before,
                          struct client *client)
{
    struct callback_script script = {.act = callback_tries_to_cancel, .at = nth};

    start_receive(stream, size, stream->peeks ? MSG_PEEK : 0,
                  before ? held_before(script) : held_after(script), client);
    stream->may_complete = before;
    prove_held(stream->call);
}

bool stream_can_be_read(const struct stream *stream)
{
    struct operation *look = malloc(sizeof *look);
    struct blocked_call *call;

    *look = operation_select(stream->socket->entry, read_only_timeval(0, 0));
    operation_select_add(look, 0, (struct spi_socket *const *)&stream->socket, 1);
    call = start_call(stream_worker(), look, GOES_ON);
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
        if (turn > 0 && in_buffer(stream) == 0 && stream_can_be_read(stream)) {
            break;
        }
    }
    if (!call_returned(stream->call) && in_buffer(stream) > 0 && !stream_can_be_read(stream)) {
        stream->taken = in_buffer(stream);
    }
    evidence_note("progress", "the blocked WSPRecv has taken %zu bytes that can be shown",
                  stream->taken);
}

/* The part of what a receive waits for that its peer sends. */
static void send_a_part(struct stream *stream)
{
    stream_peer_sends(stream, stream->filled > 0 ? (size_t)WANTED * stream->filled / stream->pieces
                                                 : OFFERED_FIRST);
}

/* A receive may give less than has come; what is left would end the next one before its time. */
static void receive_the_rest(struct stream *stream, struct client *client)
{
    while (stream->received < stream->peer_sent && !stream_is_broken(stream) &&
           stream_can_be_read(stream)) {
        size_t before = stream->received;

        start_receive(stream, stream->peer_sent - stream->received, 0, GOES_ON, client);
        wait_for_return(stream->call, settings.budgets.data);
        require_outcome(NEEDED("provider"), "WSPRecv of what has come", call_outcome(stream->call),
                        ONE_OF(RETURNS(0)));
        stream_receives(stream, stream->operation.data->bytes,
                        operation_transferred(&stream->operation));
        if (stream->received == before) {
            break;
        }
    }
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
    send_a_part(stream);
    find_what_is_taken(stream);
    if (!call_returned(stream->call)) {
        return true;
    }
    require_outcome(NEEDED("provider"), "WSPRecv with MSG_WAITALL, when bytes came",
                    call_outcome(stream->call), ONE_OF(RETURNS(0)));
    stream_receives(stream, stream->operation.data->bytes,
                    operation_transferred(&stream->operation));
    receive_the_rest(stream, client);
    record_choice("WSPRecv does not wait for all of a buffer (MSG_WAITALL)");
    return false;
}

void stream_block_partway(struct stream *stream, enum spi_function function, struct client *client)
{
    if (function == SPI_WSPSend) {
        block_send_partway(stream, client);
    } else if (!block_receive_partway(stream, client)) {
        stream_block_receive(stream, WANTED, 1, true, client);
        send_a_part(stream);
    }
}

/* A send to a peer that reads may be done before the callback that is to cancel it comes. */
static bool completes_uncancelled(struct stream *stream)
{
    return wait_for_return(stream->call, settings.budgets.hook + settings.budgets.cancel) &&
           call_cancels(stream->call) == 0 && !call_outcome(stream->call).failed;
}

static bool ends(struct stream *stream)
{
    if (blocked_script(stream->call)->hold != HOLDS_NOWHERE) {
        let_go(stream->call);
    } else {
        InterlockedExchange(&stream->told, 1);
        if (completes_uncancelled(stream)) {
            evidence_note("progress", "%s was done before it could be cancelled",
                          spi_function_name(stream->function));
            return true;
        }
    }
    return join_raced(stream->call, stream->may_complete,
                      MUST(stream->function == SPI_WSPSend ? "SEND-01" : "RECV-01"),
                      ONE_OF(RETURNS(0), FAILS_WITH(WSAEINTR)));
}

bool stream_cancel(struct stream *stream)
{
    if (!ends(stream)) {
        return false;
    }
    stream->interrupted = call_outcome(stream->call).failed;
    if (stream->interrupted) {
        prove(PROOF_CANCELLED, "%s ended with WSAEINTR", spi_function_name(stream->function));
        stream->socket->close_gate = gate_of_close_after(stream->function);
    } else if (stream->function == SPI_WSPSend) {
        send_succeeded(stream);
    } else {
        stream->reported = operation_transferred(&stream->operation);
        /* What a receive has only looked at is still to come. */
        size_t before = stream->received;
        stream_receives(stream, stream->operation.data->bytes, stream->reported);
        stream->received = stream->peeks ? before : stream->received;
    }
    return true;
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
