#include "harness/case.h"
#include "harness/world.h"

enum variant { AT_ONCE, AFTER_A_SHUTDOWN };

/* Other cases that close such a socket leave it to these to say that it does not work. */
static const struct case_row calls[] = {
    {.name = "send_ipv4",
     .function = SPI_WSPSend,
     .family = AF_INET,
     .rests_on = PARTWAY_SEND,
     .gate = true},
    {.name = "recv_ipv4",
     .function = SPI_WSPRecv,
     .family = AF_INET,
     .rests_on = PARTWAY_RECV,
     .gate = true},
    {.name = "after_a_shutdown_ipv4",
     .function = SPI_WSPRecv,
     .family = AF_INET,
     .rests_on = PARTWAY_RECV,
     .variant = AFTER_A_SHUTDOWN},
    {.name = NULL},
};

/*
 * STREAM-04 (WSPCancelBlockingCall: S18, S21): of all calls on the socket of an aborted stream it
 * is WSPCloseSocket that still works.
 */
static void aborted_one_closes(const struct case_row *row)
{
    /* A connection whose bytes are numbered. */
    struct stream *stream = arrange_stream(row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in a call of which a part is done; its callback cancels. */
    stream_block_partway(stream, row->function, t1);
    if (!stream_cancel(stream)) {
        return;
    }

    /* If that led to an aborted stream, its socket can be closed. */
    stream_look(stream);
    if (is_damaged_and_aborted(MUST("STREAM-04"), stream)) {
        require_that(NEEDED("provider"), stream->socket->open, "the socket of an aborted stream",
                     "it is open", "it had to be closed to end a call");
        if (row->variant == AFTER_A_SHUTDOWN) {
            spi_shutdown(stream->socket, SD_BOTH);
        }
        expect_closes(MUST("STREAM-04"), about("WSPCloseSocket, as %s", stream_damage(stream)),
                      stream->socket);
    }
}

CASE(stream, aborted_one_closes) = {
    .run = aborted_one_closes,
    .function = FROM_ROW,
    .requirements = "STREAM-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSend or WSPRecv of which a part is done, and closes the socket, at once "
            "or after "
            "WSPShutdown",
    .must = "if that led to an aborted connection, WSPCloseSocket returns 0 all the same",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
