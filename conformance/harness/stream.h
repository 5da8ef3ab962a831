/*
 * Streams: connections whose bytes are numbered in both directions, and a WSPRecv or WSPSend on
 * them that blocks, of which a part may be done, and that is cancelled.
 */
#ifndef WSPCTS_HARNESS_STREAM_H
#define WSPCTS_HARNESS_STREAM_H

#include "harness/stage.h"

/* See world.h. */
enum world { WORLD_UNHARMED, WORLD_INTACT, WORLD_ABORTED, WORLD_INDETERMINATE };

/* The bytes of a send under test that succeeded after all: they keep the lane they were sent in. */
struct own_bytes {
    size_t from;
    size_t to;
    unsigned lane;
};

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
    unsigned pieces; /* over how many WSABUFs its data is spread, if the case says so */
    bool peeks;      /* a plain receive only looks (MSG_PEEK), if the case says so */
    unsigned filled; /* how many of them a part fills to the last byte, if the case says so */
    struct operation operation;
    struct blocked_call *call;
    volatile LONG told;      /* its callback is to cancel */
    unsigned lane;           /* of a send: what its bytes are told by */
    size_t from;             /* of a send: the position of its first byte */
    struct own_bytes own[8]; /* of those before it, the last ones, in order */
    unsigned owns;
    size_t in_doubt;   /* of a send: its bytes that came to the peer before it succeeded */
    size_t taken;      /* of a receive: bytes that it provably took while it blocked */
    bool may_complete; /* what it waits for may have come before the cancel */
    bool interrupted;  /* it ended with WSAEINTR */
    size_t reported;   /* what it says it moved, if it succeeded */

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
    char by_halves[96];        /* what shows that it is aborted by halves; empty if nothing does */
    enum peer_end end;         /* what the peer has seen so far */
    enum peer_end end_at_look; /* the same before the socket was closed */
};

/* A connection of the provider's socket to a peer; or over two ends that are there already. */
struct stream *arrange_stream(int family);
struct stream *stream_over(struct spi_socket *socket, struct peer *peer);

/*
 * Blocks a WSPSend or WSPRecv of which a part is done, and proves that it is blocked. A send is
 * larger than what the connection holds, and the peer reads until bytes of it arrive. A receive
 * waits for all of its buffer (MSG_WAITALL), and the peer sends less, which ends where a WSABUF
 * ends if the case says so; where the provider does not wait for that, the peer sends while the
 * callback that cancels a plain receive holds still.
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

/* Whether WSPSelect says so, or fails. */
bool stream_can_be_read(const struct stream *stream);

/* Numbers that follow from the seed of the run: one below `limit`. */
unsigned seeded(unsigned limit);

/* For what looks at a stream afterwards (world.h). */

/* Something is wrong with the sequence of bytes: at the peer, or in what WSPRecv gave. */
bool stream_is_broken(const struct stream *stream);
void stream_breaks(struct stream *stream, const char *where, const char *what);

/* What the peer reads for; on a broken stream there is nothing to wait for. */
typedef bool (*stream_condition)(const struct stream *stream, size_t value);
bool stream_has_arrived(const struct stream *stream, size_t value); /* so many bytes in all */
bool stream_has_ended(const struct stream *stream, size_t value);

/* The peer reads until then, or until nothing has come for `patience` ms. */
void stream_peer_reads_until(struct stream *stream, stream_condition enough, size_t value,
                             DWORD patience);

/* These bytes were received; they are to be the next ones. */
void stream_receives(struct stream *stream, const unsigned char *bytes, size_t count);

/* A thread of the client for calls that may wait, and a buffer of numbered bytes. */
struct client *stream_worker(void);
struct buffer *stream_buffer(const char *name, size_t size, unsigned lane, size_t position);

#endif
