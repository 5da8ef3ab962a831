#include "harness/case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_SIZE = 16, BUFFER_BYTES = 24576, RECEIVE_LIMIT_MS = 54321, SEND_LIMIT_MS = 65432 };

static const struct known_option {
    const char *name;
    int level;
    int option;
} options[] = {
    {"SO_RCVBUF", SOL_SOCKET, SO_RCVBUF},
    {"SO_SNDBUF", SOL_SOCKET, SO_SNDBUF},
    {"SO_LINGER", SOL_SOCKET, SO_LINGER},
    {"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR},
    {"SO_EXCLUSIVEADDRUSE", SOL_SOCKET, SO_EXCLUSIVEADDRUSE},
    {"SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE},
    {"SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE},
    {"SO_DONTROUTE", SOL_SOCKET, SO_DONTROUTE},
    {"SO_RCVTIMEO", SOL_SOCKET, SO_RCVTIMEO},
    {"SO_SNDTIMEO", SOL_SOCKET, SO_SNDTIMEO},
    {"SO_TYPE", SOL_SOCKET, SO_TYPE},
    {"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY},
};

struct reading {
    struct outcome outcome;
    int size;
    unsigned char bytes[OPTION_SIZE];
};

static struct reading read_option(struct spi_socket *socket, const struct known_option *option)
{
    struct reading reading = {.size = OPTION_SIZE};

    reading.outcome =
        spi_get_option(socket, option->level, option->option, reading.bytes, &reading.size);
    return reading;
}

static bool is_same(const struct reading *one, const struct reading *other)
{
    return !one->outcome.failed && !other->outcome.failed && one->size == other->size &&
           one->size > 0 && one->size <= OPTION_SIZE &&
           memcmp(one->bytes, other->bytes, (size_t)one->size) == 0;
}

static void set_number(struct spi_socket *socket, int level, int option, int value)
{
    spi_set_option(socket, level, option, &value, sizeof value);
}

/*
 * Values that are nobody's default, and two limits that are not the same; one that is refused
 * stays as it was.
 */
static void set_options(struct spi_socket *socket)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 7};

    spi_set_option(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    set_number(socket, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
    set_number(socket, SOL_SOCKET, SO_SNDBUF, 2 * BUFFER_BYTES);
    set_number(socket, SOL_SOCKET, SO_RCVTIMEO, RECEIVE_LIMIT_MS);
    set_number(socket, SOL_SOCKET, SO_SNDTIMEO, SEND_LIMIT_MS);
    set_number(socket, SOL_SOCKET, SO_REUSEADDR, TRUE);
    set_number(socket, SOL_SOCKET, SO_KEEPALIVE, TRUE);
    set_number(socket, SOL_SOCKET, SO_OOBINLINE, TRUE);
    set_number(socket, SOL_SOCKET, SO_DONTROUTE, TRUE);
    set_number(socket, IPPROTO_TCP, TCP_NODELAY, TRUE);
}

static const char *text_of(char *text, size_t size, const struct reading *reading)
{
    if (reading->outcome.failed) {
        return outcome_text(text, size, reading->outcome);
    }
    if (reading->size == sizeof(int)) {
        int value;
        memcpy(&value, reading->bytes, sizeof value);
        snprintf(text, size, "%d", value);
        return text;
    }
    *text = '\0';
    for (int i = 0; i < reading->size && i < OPTION_SIZE; i++) {
        size_t length = strlen(text);
        snprintf(text + length, size - length, "%s%02x", i > 0 ? " " : "", reading->bytes[i]);
    }
    return text;
}

static void expect_unchanged(const struct known_option *option, const struct reading *before,
                             struct spi_socket *listener)
{
    struct reading after = read_option(listener, option);
    char wanted[96];
    char seen[96];

    expect_that(MUST("ACCEPT-05"), is_same(before, &after),
                about("%s of the listener after the cancelled accept", option->name),
                text_of(wanted, sizeof wanted, before), "%s", text_of(seen, sizeof seen, &after));
}

/* With nothing in the backlog, an accept of a blocking listener waits. */
static bool expect_accept_blocks(struct client *t1, struct stage *stage)
{
    struct operation *again = malloc(sizeof *again);
    struct blocked_call *call;

    *again = operation_again(&stage->operation);
    call = start_call(t1, again, CANCELS_AT(1));
    if (!wait_for_callback(call, 1, settings.budgets.hook) && call_returned(call)) {
        return expect_outcome(MUST("ACCEPT-05"),
                              "WSPAccept with an empty backlog, after a cancelled one",
                              call_outcome(call), ONE_OF(FAILS_WITH(WSAEINTR)));
    }
    return join_cancelled(call, MUST("ACCEPT-05"));
}

/*
 * ACCEPT-05 (WSPCancelBlockingCall: S16): a cancel does not affect the state of the listener in any
 * way. So each option that can be read has the value it had, and the listener still blocks.
 */
static void options_are_unchanged(const struct case_row *row)
{
    /* A listener with options set, of which those that stay as they are can be compared. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct reading before[ARRAYSIZE(options)];
    bool compared[ARRAYSIZE(options)];
    unsigned count = 0;
    set_options(stage->socket);
    for (size_t i = 0; i < ARRAYSIZE(options); i++) {
        struct reading first = read_option(stage->socket, &options[i]);
        before[i] = read_option(stage->socket, &options[i]);
        compared[i] = is_same(&first, &before[i]);
        count += compared[i];
    }
    require_that(NEEDED("provider"), count > 0, "options of a listener (G5)",
                 "some that can be read", "none");

    /* T1 blocks in WSPAccept; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* They have the values they had. */
    for (size_t i = 0; i < ARRAYSIZE(options); i++) {
        if (compared[i]) {
            expect_unchanged(&options[i], &before[i], stage->socket);
        }
    }

    /* The next accept blocks, too, and so does the one after a second cancel. */
    if (expect_accept_blocks(t1, stage)) {
        expect_accept_blocks(t1, stage);
    }
}

CASE(accept, options_are_unchanged) = {
    .run = options_are_unchanged,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "reads the options of a listener before and after a WSPAccept on it is cancelled",
    .must = "they have the same values, and the next accept blocks",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
