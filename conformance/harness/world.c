#include "harness/world.h"

#include "harness/evidence.h"
#include "harness/names.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOMENT_MS = 60 };

static const char *world_name(enum world world)
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
        snprintf(stream->by_halves, sizeof stream->by_halves, "%s succeeds after a WSAECONNABORTED",
                 spi_function_name(function));
    }
}

/* One WSPRecv; false if it did not give what comes next. */
static bool receives_some(struct stream *stream, size_t size)
{
    struct operation *receive = malloc(sizeof *receive);
    struct blocked_call *call;
    size_t count;

    *receive = operation_receive(stream->socket, size);
    call = start_call(stream_worker(), receive, GOES_ON);
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
        stream_breaks(stream, "WSPRecv gave", "the end of a stream that the peer has not ended");
    }
    if (count > size) {
        stream_breaks(stream, "WSPRecv gave", "more bytes than there is room for");
        return false;
    }
    stream_receives(stream, receive->data->bytes, count);
    return count > 0 && !stream_is_broken(stream);
}

/* When all that the peer has sent was received, what can still be read comes twice. */
static void look_for_more(struct stream *stream, size_t most)
{
    struct outcome first = stream->receive;

    if (stream->end != PEER_CONNECTED || stream->receive.failed || !stream->receive_ended ||
        stream_is_broken(stream) || stream->received < stream->peer_sent ||
        !stream_can_be_read(stream)) {
        return;
    }
    receives_some(stream, most);
    stream->receive = first;
    stream->receive_ended = true;
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
    look_for_more(stream, most);
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
        operation_send(stream->socket, stream_buffer("what is sent next", size, 0, stream->sent));
    call = start_call(stream_worker(), send, GOES_ON);
    /* It may have to wait until the peer has read what was sent before. */
    stream_peer_reads_until(stream, send_is_over, (size_t)call, settings.budgets.data);
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
    stream_peer_reads_until(stream, stream_has_arrived, stream->sent + stream->in_doubt,
                            settings.budgets.data);
    if (stream->arrived < stream->sent && stream->end != PEER_RESET) {
        snprintf(text, sizeof text, "%zu of the %zu bytes that WSPSend took, and no more",
                 stream->arrived, stream->sent);
        stream_breaks(stream, "at the peer", text);
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
           !stream->send.failed && stream->end_at_look == PEER_CONNECTED &&
           !stream_is_broken(stream);
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

    stream_peer_reads_until(stream, stream_has_ended, 0, may_be_aborted ? MOMENT_MS : 0);
}

/* Whether a damaged stream is aborted may be for the peer alone to say; it has its time, once. */
static void wait_for_the_end(struct stream *stream)
{
    bool must_end =
        stream->looks == 0 && stream_is_damaged(stream) && !says_that_it_is_aborted(stream);

    stream_peer_reads_until(stream, stream_has_ended, 0,
                            must_end ? settings.budgets.data : MOMENT_MS);
}

/* Data went through although the peer was reset: nothing but the cancel did that. */
static void note_the_reset(struct stream *stream)
{
    const char *call = stream->received_again   ? "WSPRecv gives bytes"
                       : sent_something(stream) ? "WSPSend takes bytes"
                                                : NULL;

    if (stream->end == PEER_RESET && call != NULL && *stream->by_halves == '\0') {
        snprintf(stream->by_halves, sizeof stream->by_halves, "%s, and the peer was reset", call);
    }
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
    note_the_reset(stream);
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
    stream_peer_reads_until(stream, stream_has_ended, 0, settings.budgets.data);
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
        call = start_call(stream_worker(), close, GOES_ON);
        if (!wait_for_return(call, settings.budgets.cancel)) {
            rescue(call);
            expect_that(
                ending(MUST("PCS-02")), false,
                about("WSPCloseSocket after a cancelled %s", spi_function_name(stream->function)),
                "it returns", "no return within %lu ms", settings.budgets.cancel);
        }
    }
    stream_peer_reads_until(stream, stream_has_ended, 0, settings.budgets.data);
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
               ? about("%zu bytes came to the peer of a WSPSend that failed with WSAEINTR (10004)",
                       stream->in_doubt)
               : about("%zu bytes that a WSPRecv took before it failed with WSAEINTR (10004) "
                       "cannot be received again",
                       stream->taken);
}

/* What was seen, for messages. */
static const char *seen(const struct stream *stream)
{
    char receive[100];
    char send[100];

    return about("%s; afterwards WSPRecv: %s, WSPSend: %s, and the peer: %s", stream_damage(stream),
                 stream->receive_ended ? outcome_text(receive, sizeof receive, stream->receive)
                                       : "no end",
                 stream->send_ended ? outcome_text(send, sizeof send, stream->send) : "no end",
                 peer_end_text(stream->end_at_look));
}

static bool expect_unbroken(struct demand demand, const struct stream *stream)
{
    return expect_holds(demand, !stream_is_broken(stream),
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
    } else if (call_cancels(stream->call) > 0) {
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
        stream_is_damaged(stream) ? "an aborted connection, as the stream is damaged"
                                  : "no damage, or an aborted connection",
        "%s", seen(stream));
}

bool expect_not_by_halves(struct demand demand, struct stream *stream)
{
    return expect_that(
        demand, *stream->by_halves == '\0',
        about("the stream after a cancelled %s", spi_function_name(stream->function)),
        "data goes through and no reset is seen, or neither call works any more", "%s",
        *stream->by_halves != '\0' ? stream->by_halves : seen(stream));
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
    bool damaged = stream_is_damaged(stream) || stream_is_broken(stream);

    if (!damaged) {
        record_world(stream);
        expect_that(demand, true, "whether the cancelled call damaged the stream",
                    "no, or it is aborted", "no");
        return false;
    }
    require_that(NEEDED("provider"), stream->world == WORLD_ABORTED && !stream_is_broken(stream),
                 "an aborted connection, which send/cancelled_partway and recv/cancelled_partway "
                 "demand where a cancel did damage",
                 "one", "%s", stream_is_broken(stream) ? stream->broken : seen(stream));
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
