#include "harness/case.h"
#include "harness/names.h"
#include "harness/race.h"
#include "harness/world.h"

enum { ROUNDS = 6, NEXT = STAGE_DATA_SIZE };

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }
#define ROWS(version, family)                                                                      \
    ROW(accept, WSPAccept, version, family), ROW(select, WSPSelect, version, family),              \
        ROW(recv, WSPRecv, version, family), ROW(recvfrom, WSPRecvFrom, version, family),          \
        ROW(send, WSPSend, version, family)

/* What is special about the call; nothing is about those of the plain rows. */
enum variant { PLAIN, PEEK, OF_A_DATAGRAM };

#define SPECIAL(call, spi, how, special)                                                           \
    {                                                                                              \
        .name = #call "_" #how "_ipv4", .function = SPI_##spi, .family = AF_INET,                  \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4", .variant = (special)            \
    }

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    SPECIAL(recv, WSPRecv, peek, PEEK),
    SPECIAL(recv, WSPRecv, datagram, OF_A_DATAGRAM),
    {.name = NULL},
};

static struct stage *arrange(const struct case_row *row)
{
    struct stage *stage = row->variant == OF_A_DATAGRAM
                              ? arrange_receive_of_a_datagram(row->family)
                              : arrange_blocked(row->function, row->family);

    stage->operation.flags = row->variant == PEEK ? MSG_PEEK : 0;
    return stage;
}

static bool is_of_datagrams(const struct stage *stage)
{
    return stage->operation.entry->type == SOCK_DGRAM;
}

/* What a WSPSelect sees and a WSPRecv looks at is there still. */
static bool takes_nothing(const struct stage *stage)
{
    return stage->function == SPI_WSPSelect || (stage->operation.flags & MSG_PEEK) != 0;
}

/* Enough for all that comes from this place on. */
static const unsigned char *numbered_data(size_t offset)
{
    return buffer_with_pattern("what the peer sends", STAGE_DATA_SIZE + NEXT, offset)->bytes;
}

/* Two connections are there, of which the call takes one. */
static void two_connections_come(struct operation *operation)
{
    numbered_connection_arrives(operation->other_end);
    numbered_connection_arrives(operation->other_end);
}

/* Two datagrams are there, of which the call takes one. */
static void two_datagrams_come(struct operation *operation)
{
    struct stage *stage = operation->other_end;

    peer_send_to(stage->peer, &stage->address, numbered_data(0), STAGE_DATA_SIZE);
    peer_send_to(stage->peer, &stage->address, numbered_data(NEXT), STAGE_DATA_SIZE);
}

/* What comes to the socket, for which stage_complete is made. */
static void arrange_what_comes(struct stage *stage)
{
    if (stage->function == SPI_WSPAccept) {
        stage->operation.complete = two_connections_come;
    } else if (is_of_datagrams(stage)) {
        stage->operation.complete = two_datagrams_come;
    }
}

/* The call has taken the first connection; the second is there still. */
static bool expect_both_connections(struct stage *stage)
{
    struct spi_socket *second;

    if (!expect_arrival(MUST("RACE-03"), stage->operation.accepted, 0)) {
        return false;
    }
    second =
        expect_accepts(MUST("RACE-03"), "WSPAccept after one that completed in spite of its cancel",
                       stage->socket);
    return second != NULL && expect_arrival(MUST("RACE-03"), second, 1);
}

/* The call has taken, or seen, the first data; what follows comes after it. */
static bool expect_all_data(struct stage *stage)
{
    const struct operation *call = &stage->operation;
    size_t given = stage->function == SPI_WSPSelect ? 0 : operation_transferred(call);
    size_t taken = takes_nothing(stage) ? 0 : given;
    const char *what = "after a call that completed in spite of its cancel";

    if (!expect_at_most(MUST("RACE-03"), "how many bytes the completed call received",
                        STAGE_DATA_SIZE, (int64_t)given) ||
        (given > 0 && !expect_bytes(MUST("RACE-03"), "what the completed call received",
                                    numbered_data(0), call->data->bytes, given))) {
        return false;
    }
    if (is_of_datagrams(stage) &&
        !expect_number(MUST("RACE-03"), "how many bytes of the datagram the call received",
                       STAGE_DATA_SIZE, (int64_t)taken)) {
        return false;
    }
    if (!is_of_datagrams(stage)) {
        peer_send(stage->peer, numbered_data(NEXT), STAGE_DATA_SIZE);
    }
    return expect_receives(MUST("RACE-03"), what, stage->socket, numbered_data(taken),
                           STAGE_DATA_SIZE + NEXT - taken);
}

/* All that came is there, once. */
static bool expect_nothing_lost(struct stage *stage)
{
    return (stage->function == SPI_WSPAccept ? expect_both_connections(stage)
                                             : expect_all_data(stage)) &&
           expect_readable(MUST("RACE-03"), "WSPSelect when all that came has been taken",
                           stage->socket, false);
}

static void race_a_send(const struct case_row *row)
{
    struct client *t1 = client_start("T1");
    struct stream *stream = arrange_stream(row->family);

    /* T1 blocks in a WSPSend of which a part has come to its peer; its callback cancels. */
    stream_block_partway(stream, SPI_WSPSend, t1);
    if (!stream_cancel(stream)) {
        return;
    }
    record_choice("a cancelled WSPSend of which a part is done: %s",
                  stream->interrupted ? "is interrupted" : "completes");

    /* If it was not interrupted, what it says has gone out comes, and the next bytes after it. */
    if (!stream->interrupted) {
        stream_look(stream);
        stream_end(stream);
        expect_whole_or_aborted(MUST("RACE-03"), stream);
    }
}

/*
 * RACE-03 (WSPCancelBlockingCall: S23): a call that completes in spite of its cancel has done what
 * it would have done without, neither less nor more: bytes go on behind those it took, the next
 * datagram and the next connection are the next ones, and none comes twice.
 */
static void completed_one_loses_nothing(const struct case_row *row)
{
    struct client *t1;
    unsigned completed = 0;

    if (row->function == SPI_WSPSend) {
        race_a_send(row);
        return;
    }
    t1 = client_start("T1");
    for (unsigned round = 0; race_again(round, ROUNDS); round++) {
        /* A socket on which the call can only wait, and more to come than it can take. */
        struct stage *stage = arrange(row);
        enum moment moment = (enum moment)(round % MOMENTS);
        struct blocked_call *call;
        arrange_what_comes(stage);

        /* T1 blocks and its callback cancels, a moment before, after or with what completes it. How
         * it ends is RACE-02's affair. */
        call = race_cancel(t1, stage, moment);
        if (!join_race(call, stage, moment, NEEDED("provider"))) {
            return;
        }

        /* If it was not interrupted, all that came can be had, in order, and once. */
        if (!call_outcome(call).failed) {
            completed++;
            if (!expect_nothing_lost(stage)) {
                return;
            }
        }
    }
    record_choice("%s that is cancelled as it can complete: %s", spi_function_name(row->function),
                  completed > 0 ? "completes at times" : "is always interrupted");
}

CASE(race, completed_one_loses_nothing) = {
    .run = completed_one_loses_nothing,
    .function = FROM_ROW,
    .requirements = "RACE-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels blocked calls as they can complete, and counts what those take that do",
    .must = "no byte, datagram or connection is lost, comes twice or comes out of order",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
