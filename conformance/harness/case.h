/*
 * A case: one situation with what is demanded in it. Its record stands below its function and is
 * the truth about it; conformance/cases.h is the only list of them.
 */
#ifndef WSPCTS_HARNESS_CASE_H
#define WSPCTS_HARNESS_CASE_H

#include "harness/afterwards.h"
#include "harness/blocked.h"
#include "harness/idle.h"
#include "harness/joined.h"
#include "harness/peer.h"
#include "harness/stage.h"
#include "harness/upcall.h"

enum case_group { GROUP_DEFAULT, GROUP_ENDURANCE };

/* One row of a case that is a table; each row is a case of its own. */
struct case_row {
    const char *name;           /* the last part of its id; NULL closes the table */
    enum spi_function function; /* what blocks */
    int family;
    const char *rests_on;  /* instead of the record's, if not NULL */
    bool gate;             /* as the record's */
    intptr_t variant;      /* what else distinguishes it, as the case likes */
    unsigned proofs;       /* beyond the record's */
    unsigned modes;        /* instead of the record's, if not 0 */
    enum case_group group; /* as the record's */
};

struct case_record {
    void (*run)(const struct case_row *row);
    enum spi_function function; /* what it is about */
    const char *requirements;   /* ids, separated by spaces; the first one is its own */
    enum level level;
    unsigned modes;   /* drive modes, or-ed */
    const char *does; /* one sentence each */
    const char *must;
    unsigned proofs;      /* what has to be proved before it may pass */
    const char *rests_on; /* ids of gate cases, separated by spaces, or NULL */
    bool gate;
    bool alone; /* no other case may run at the same time */
    /* It, or its rows of WSPConnect, has a stalled connect come through: with the transport's next
     * SYN, a second later. */
    bool awaits_syn;
    bool awaits_quiet; /* it sees that nothing comes, for the budget quiet */
    enum case_group group;
    const struct case_row *rows; /* NULL: a single case */
};

/*
 * The record of the case `situation` of the folder `folder`: its name tells the case's id and its
 * file. Used as
 *
 *     CASE(accept, listener_still_listens) = {
 *         .run = listener_still_listens,
 *         ...
 *     };
 */
#define CASE(folder, situation)                                                                    \
    extern const struct case_record case_##folder##_##situation;                                   \
    const struct case_record case_##folder##_##situation

/* Both modes in which the provider is given a blocking callback. */
#define WITH_CALLBACK (MODE_DIRECT | MODE_WS2_32)
/* The modes in which the harness may cancel whenever it likes. */
#define DRIVEN_DIRECTLY (MODE_DIRECT | MODE_NO_CALLBACK)

/* For records whose rows tell the function. */
#define FROM_ROW SPI_FUNCTION_COUNT

/*
 * The six functions that can be blocked on one machine, over both address families: twelve rows.
 * ROW(call, function, version, family) makes one of them.
 */
#define SIX_CALLS_BOTH_FAMILIES(ROW)                                                               \
    ROW(connect, WSPConnect, 4, AF_INET)                                                           \
    ROW(accept, WSPAccept, 4, AF_INET)                                                             \
    ROW(select, WSPSelect, 4, AF_INET)                                                             \
    ROW(recv, WSPRecv, 4, AF_INET)                                                                 \
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET)                                                         \
    ROW(send, WSPSend, 4, AF_INET)                                                                 \
    ROW(connect, WSPConnect, 6, AF_INET6)                                                          \
    ROW(accept, WSPAccept, 6, AF_INET6)                                                            \
    ROW(select, WSPSelect, 6, AF_INET6)                                                            \
    ROW(recv, WSPRecv, 6, AF_INET6)                                                                \
    ROW(recvfrom, WSPRecvFrom, 6, AF_INET6)                                                        \
    ROW(send, WSPSend, 6, AF_INET6)

/* The rows of a case that is about one function, over both address families: ipv4, ipv6. */
#define BOTH_FAMILIES(spi)                                                                         \
    ((const struct case_row[]){{.name = "ipv4", .function = SPI_##spi, .family = AF_INET},         \
                               {.name = "ipv6", .function = SPI_##spi, .family = AF_INET6},        \
                               {.name = NULL}})

/*
 * What a case rests on that needs no more of a blocked call than its callback, and then releases it
 * (goes_on_until): of a connect it needs a working cancel, too.
 */
#define RESTS_ON_RELEASED(call) "callback/is_called_while_blocked/" #call "_ipv4" RELEASED_##call
#define RELEASED_connect        " cancel/ends_the_blocked_call/connect_ipv4"
#define RELEASED_accept         ""
#define RELEASED_select         ""
#define RELEASED_recv           ""
#define RELEASED_recvfrom       ""
#define RELEASED_send           ""

/* One case: a record, and which of its rows. */
struct case_item {
    const char *path; /* of the record: "accept/listener_still_listens" */
    const struct case_record *record;
    const struct case_row *row; /* NULL: none */
};

/* Item `index` of all cases; false at the end. */
bool case_at(unsigned index, struct case_item *item);
bool case_by_id(const char *id, struct case_item *item);

/* What a case has to wait for, it waits for in the group endurance. */
enum case_group case_group(const struct case_item *item);

/* The drive modes of a case, or-ed. */
unsigned case_modes(const struct case_item *item);

/* Writes the id ("accept/backlog_survives", "cancel/returns_zero/recv_ipv4"); returns `text`. */
const char *case_id(char *text, size_t size, const struct case_item *item);

/* Runs a case through Check, judges it and writes the verdict line; the exit code it comes to. */
int case_run(const struct case_item *item);

/* One JSON object a line for each case, on standard output. */
void case_list(void);

#endif
