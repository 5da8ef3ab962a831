/*
 * Streams: connections whose bytes are numbered in both directions, so that it shows what became of
 * them when a WSPRecv or WSPSend was cancelled (S21). The world in which a cancel leaves a stream
 * is found in one place and judged in one place.
 *
 *  - unharmed: the call was not cancelled after all; it returned what it had moved.
 *  - intact: the bytes go on, in both directions, as if the cancelled call had not been made.
 *  - aborted: the peer sees a reset, or calls say WSAECONNABORTED. Where the cancel provably
 *    damaged the stream this is the only one that is right, and then all of it is demanded.
 *  - indeterminate: calls fail with other errors, or do not end. That is safe (S17, S18) as long as
 *    no byte is lost that the client or the peer believes to have passed.
 */
#ifndef WSPCTS_HARNESS_STREAM_H
#define WSPCTS_HARNESS_STREAM_H

#include "harness/stage.h"

enum world { WORLD_UNHARMED, WORLD_INTACT, WORLD_ABORTED, WORLD_INDETERMINATE };

struct stream {
    struct spi_socket *socket;
    struct peer *peer;

    /* From the client to the peer: what WSPSend took, and how much of it came, in order. */
    size_t sent;
    size_t arrived;
    /* From the peer to the client, likewise. */
    size_t peer_sent;
    size_t received;

    /* The call under test. */
    enum spi_function function;
    struct operation operation;
    struct blocked_call *call;
    volatile LONG told; /* its callback is to cancel */
    unsigned lane;      /* of a send: what its bytes are told by */
    size_t from;        /* of a send: the position of its first byte */
    size_t own_from;    /* the bytes of sends that succeeded after all keep their lane: */
    size_t own_to;      /* from here to here */
    size_t in_doubt;    /* of a send: its bytes that came to the peer before it succeeded */
    size_t taken;       /* of a receive: bytes that it provably took while it blocked */
    bool may_complete;  /* what it waits for may have come before the cancel */
    bool interrupted;   /* it ended with WSAEINTR */
    size_t reported;    /* what it says it moved, if it succeeded */

    /* What was found afterwards. */
    unsigned looks; /* how often */
    enum world world;
    char broken[200];    /* what is wrong with the sequence of bytes; empty if nothing is */
    bool received_again; /* the next WSPRecv goes on where the last one that succeeded ended */
    bool receive_ended;  /* the first WSPRecv afterwards returned, and with what */
    struct outcome receive;
    bool send_ended; /* so for the first WSPSend */
    struct outcome send;
    bool said_aborted;         /* some call has said WSAECONNABORTED */
    const char *by_halves;     /* what shows that it is aborted by halves, or NULL */
    enum peer_end end;         /* what the peer has seen so far */
    enum peer_end end_at_look; /* the same before the socket was closed */
};

/* A connection of the provider's socket to a peer; or over two ends that are there already. */
struct stream *arrange_stream(int family);
struct stream *stream_over(struct spi_socket *socket, struct peer *peer);

/*
 * Blocks a WSPSend or WSPRecv of which a part is done, and proves that it is blocked. A send is
 * larger than what the connection holds, and the peer reads until bytes of it arrive. A receive
 * waits for all of its buffer (MSG_WAITALL), and the peer sends less; where the provider does not
 * wait for that, the peer sends while the callback that cancels a plain receive holds still.
 */
void stream_block_partway(struct stream *stream, enum spi_function function, struct client *client);

/*
 * Blocks a plain WSPRecv whose callback, at its `nth` call, holds still before it cancels, or else
 * after it did.
 */
void stream_block_receive(struct stream *stream, size_t size, unsigned nth, bool before,
                          struct client *client);

/* Blocks a WSPSend on the connection, which is full. */
void stream_block_send(struct stream *stream, struct client *client);

/* The peer reads what comes until it has `count` bytes more, the end, or nothing more comes. */
void stream_peer_reads(struct stream *stream, size_t count);

/* The peer sends the next bytes; false if the connection has ended. */
bool stream_peer_sends(struct stream *stream, size_t count);

/* Lets the callback cancel the call, and joins it: it ends with WSAEINTR, or as if it had not been
 * cancelled. False if it does neither, which is judged. */
bool stream_cancel(struct stream *stream);

/* Finds out in which world the stream is: by calls in both directions, and at the peer. */
void stream_look(struct stream *stream);

/* What the peer sees of the end of the connection, within the budget `data`. */
enum peer_end stream_peer_end(struct stream *stream);

/*
 * Lets the peer read to the end, for which the socket is closed unless the connection has ended. Of
 * closing it is judged only that it returns; the rest is for stream/aborted_one_closes and
 * close/works_after_a_cancel.
 */
void stream_end(struct stream *stream);

/* True if the cancel damaged the stream, and how that is known (for messages). */
bool stream_is_damaged(const struct stream *stream);
const char *stream_damage(const struct stream *stream);

/* The judgement: nothing was lost, repeated or mixed up, and a damaged stream was aborted. */
bool expect_whole_or_aborted(struct demand demand, struct stream *stream);

/* The judgement of a stream that is aborted on one side, or in one direction, only. */
bool expect_not_by_halves(struct demand demand, struct stream *stream);

/* The judgement where no harm at all may have been done: the bytes go on in both directions. */
bool expect_intact(struct demand demand, struct stream *stream);

/*
 * True if the cancel damaged the stream, which was aborted then, so that the case can look how. If
 * it did no damage the demand, which is on damaged streams, is met. If the stream was damaged and
 * not aborted at all, that is for send/cancelled_partway or recv/cancelled_partway to say.
 */
bool is_damaged_and_aborted(struct demand demand, struct stream *stream);

/* For the choice and for messages. */
const char *world_name(enum world world);

/*
 * Shows that peers can tell a reset from a graceful end: those of the system, and where the peers
 * are the provider's, these; ends the case as inconclusive if they cannot (G8).
 */
void stream_control(int family);

/*
 * The rows of a case about a stream that was damaged by the cancel of a call of which a part is
 * done. That it is aborted at all is what they rest on.
 */
#define PARTWAY_SEND "send/cancelled_partway/peer_reads_ipv4"
#define PARTWAY_RECV "recv/cancelled_partway/ipv4"
#define SENT_OR_RECEIVED                                                                           \
    {.name = "send_ipv4", .function = SPI_WSPSend, .family = AF_INET, .rests_on = PARTWAY_SEND},   \
        {.name = "recv_ipv4",                                                                      \
         .function = SPI_WSPRecv,                                                                  \
         .family = AF_INET,                                                                        \
         .rests_on = PARTWAY_RECV},                                                                \
        {.name = "send_ipv6",                                                                      \
         .function = SPI_WSPSend,                                                                  \
         .family = AF_INET6,                                                                       \
         .rests_on = PARTWAY_SEND},                                                                \
    {                                                                                              \
        .name = "recv_ipv6", .function = SPI_WSPRecv, .family = AF_INET6, .rests_on = PARTWAY_RECV \
    }

/* Numbers that follow from the seed of the run: one below `limit`. */
unsigned seeded(unsigned limit);

#endif
