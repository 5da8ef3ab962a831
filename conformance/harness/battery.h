/*
 * The battery: the functions of the proc table, called one after the other on one socket, each
 * with sensible parameters. What might wait is cancelled by its callback, so that every call
 * returns. What came of each is kept; judging it is the case's business.
 *
 * Left out are WSPCleanup, which ends more than a socket, WSPCloseSocket, which ends the battery,
 * and WSPGetOverlappedResult, which is about an operation.
 */
#ifndef WSPCTS_HARNESS_BATTERY_H
#define WSPCTS_HARNESS_BATTERY_H

#include "harness/stage.h"

/* The parts of the battery, or-ed; they are run in this order. */
enum battery_part {
    BATTERY_NAMES = 1,      /* names of the socket and of its peer, addresses as text */
    BATTERY_OPTIONS = 2,    /* options; WSPIoctl with FIONREAD, FIONBIO and SIOCATMARK */
    BATTERY_TRANSFERS = 4,  /* what can block: accept, connect, select, the data, a join */
    BATTERY_EVENTS = 8,     /* events begun, enumerated and ended again */
    BATTERY_QUALITY = 16,   /* quality of service, of which nothing says whether it can block */
    BATTERY_RELATIVES = 32, /* another socket, a duplicate */
    BATTERY_SETUP = 64,     /* bind, listen */
    BATTERY_ENDINGS = 128   /* shutdown and disconnect, either way */
};

/* What cannot block, by its page or by its nature. */
#define BATTERY_CANNOT_BLOCK                                                                       \
    (BATTERY_NAMES | BATTERY_OPTIONS | BATTERY_EVENTS | BATTERY_RELATIVES | BATTERY_SETUP |        \
     BATTERY_ENDINGS)
#define BATTERY_WHOLE (BATTERY_CANNOT_BLOCK | BATTERY_TRANSFERS | BATTERY_QUALITY)

enum { BATTERY_CALLS_MAX = 40, BATTERY_TEXT_SIZE = 900 };

/* What one of its calls came to. */
struct battery_answer {
    const char *what; /* "WSPGetSockOpt SO_TYPE" */
    enum spi_function function;
    bool returned;
    struct outcome outcome;
    unsigned callbacks; /* blocking callbacks during it */
    DWORD transferred;  /* bytes that a successful receive says it received */
};

struct battery {
    struct spi_socket *socket;
    struct client *client;
    struct sockaddr_storage to; /* a peer that can be reached, for what needs an address */
    HANDLE event;
    bool ran_out; /* of time, before all calls were made */
    unsigned count;
    struct battery_answer answers[BATTERY_CALLS_MAX];
};

/* Makes ready for calls on the socket by the client's thread; there is a peer for them. */
struct battery *battery_arrange(struct spi_socket *socket, struct client *client);

/*
 * Runs some parts. Stops at a call that does not return within the budgets, although it was
 * cancelled in its callback if it had one; that answer, or NULL if all returned. Stops as well
 * when half of the time for the case is over.
 */
const struct battery_answer *battery_run(struct battery *battery, unsigned parts);

/*
 * Writes which calls succeeded, which waited until they were cancelled, and which failed, by their
 * code; returns `text`.
 */
const char *battery_profile(const struct battery *battery, char *text, size_t size);

#endif
