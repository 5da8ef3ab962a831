#include "harness/case.h"

#include <stdio.h>
#include <string.h>

enum { SETS = 3, SOCKETS = 2 };

static const char *const set_names[SETS] = {"the read set", "the write set", "the exception set"};

/* A set with room for FD_SETSIZE sockets, as clients have it; what is not used is poisoned. */
static void add_roomy_set(struct operation *select, unsigned which,
                          struct spi_socket *const *sockets)
{
    struct buffer *set = buffer_new(set_names[which], sizeof(fd_set));

    operation_select_add(select, which, sockets, SOCKETS);
    memcpy(set->bytes, select->sets[which]->bytes, select->sets[which]->size);
    select->sets[which] = set;
}

/* SELECT-04: no more sockets than before, and nothing written behind the last one. */
static void expect_bounds(const struct buffer *set, const char *name)
{
    size_t used = offsetof(fd_set, fd_array) + SOCKETS * sizeof(SOCKET);
    size_t poisoned = used;
    char what[96];

    snprintf(what, sizeof what, "fd_count of %s after a cancelled WSPSelect", name);
    expect_at_most(MUST("SELECT-04"), what, SOCKETS,
                   (int64_t)((const fd_set *)(const void *)set->bytes)->fd_count);
    while (poisoned < set->size && set->bytes[poisoned] == BUFFER_POISON) {
        poisoned++;
    }
    snprintf(what, sizeof what, "%s behind its %u sockets", name, (unsigned)SOCKETS);
    expect_that(MUST("SELECT-04"), poisoned == set->size && buffer_guards_hold(set), what,
                "untouched", "written to");
}

enum contents { UNTOUCHED, EMPTIED, CHANGED };

static enum contents contents(const struct buffer *set, struct spi_socket *const *sockets)
{
    const fd_set *left = (const fd_set *)(const void *)set->bytes;

    if (left->fd_count == 0) {
        return EMPTIED;
    }
    return left->fd_count == SOCKETS && left->fd_array[0] == sockets[0]->handle &&
                   left->fd_array[1] == sockets[1]->handle
               ? UNTOUCHED
               : CHANGED;
}

static void record_contents(const struct operation *select,
                            struct spi_socket *const *const sockets[SETS])
{
    static const char *const words[] = {"as it was", "empty", "changed"};

    record_choice("a cancelled WSPSelect leaves the read set %s, the write set %s, the exception "
                  "set %s",
                  words[contents(select->sets[0], sockets[0])],
                  words[contents(select->sets[1], sockets[1])],
                  words[contents(select->sets[2], sockets[2])]);
}

/*
 * SELECT-04 (WSPSelect; WSPCancelBlockingCall: S16): how a cancelled select leaves its sets is its
 * own affair, and is recorded; but it does not make them larger, and writes nothing behind their
 * last socket.
 */
static void sets_stay_in_bounds(const struct case_row *row)
{
    /* Two idle streams to read from and for exceptions, two connects under way to write to. */
    struct stage *idle[] = {arrange_blocked(SPI_WSPSelect, row->family),
                            arrange_blocked(SPI_WSPSelect, row->family)};
    struct stage *connecting[] = {arrange_pending_connect(row->family),
                                  arrange_pending_connect(row->family)};
    struct spi_socket *const quiet[SOCKETS] = {idle[0]->socket, idle[1]->socket};
    struct spi_socket *const stalled[SOCKETS] = {connecting[0]->socket, connecting[1]->socket};
    struct spi_socket *const *const sockets[SETS] = {quiet, stalled, quiet};
    struct client *t1 = client_start("T1");
    static struct operation select;

    select = operation_select(quiet[0]->entry, NULL);
    for (unsigned which = 0; which < SETS; which++) {
        add_roomy_set(&select, which, sockets[which]);
    }
    select.complete = idle[0]->operation.complete;
    select.other_end = idle[0];

    /* T1 blocks in WSPSelect with all three sets; its callback cancels. */
    require_cancelled(start_call(t1, &select, CANCELS_AT(1)));

    /* The sets have kept within their bounds. */
    for (unsigned which = 0; which < SETS; which++) {
        expect_bounds(select.sets[which], set_names[which]);
    }
    record_contents(&select, sockets);
}

CASE(select, sets_stay_in_bounds) = {
    .run = sets_stay_in_bounds,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect with three sets and looks at what is in them",
    .must = "no set has grown, and nothing was written behind its last socket",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = BOTH_FAMILIES(WSPSelect),
};
