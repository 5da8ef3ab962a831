/*
 * The world in which a cancelled call leaves its stream (S21): found in one place and judged in one
 * place.
 *
 *  - unharmed: the call was not cancelled after all; it returned what it had moved.
 *  - intact: the bytes go on, in both directions, as if the cancelled call had not been made.
 *  - aborted: the peer sees a reset, or calls say WSAECONNABORTED. Where the cancel provably
 *    damaged the stream this is the only one that is right, and then all of it is demanded.
 *  - indeterminate: calls fail with other errors, or do not end. That is safe (S17, S18) as long as
 *    no byte is lost that the client or the peer believes to have passed.
 */
#ifndef WSPCTS_HARNESS_WORLD_H
#define WSPCTS_HARNESS_WORLD_H

#include "harness/stream.h"

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

#endif
