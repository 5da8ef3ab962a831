#include "harness/others.h"

#include "harness/names.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES = 48, CALLS_MAX = 8, A_MOMENT_US = 20000 };

struct others {
    struct spi_socket *socket;
    struct sockaddr_storage to; /* of its peer */
    struct buffer *sent;
    struct buffer *received;
    struct buffer *sets[2]; /* to read, and to write */
    struct buffer *nothing; /* a set that stays empty: there is no exception to come */
    const struct timeval *at_once;
    const struct timeval *a_moment;
    SOCKET made; /* by the WSPSocket among them */
    volatile LONG begun;
    volatile LONG returned;
    struct {
        struct outcome outcome;
        const struct acceptable *usual;
    } call[CALLS_MAX];
};

/* In the order in which they are made. */
static const char *const names[CALLS_MAX] = {
    "WSPGetSockName",
    "WSPGetSockOpt",
    "WSPSelect with a timeout of zero",
    "WSPSelect whose time runs out",
    "WSPSend",
    "WSPRecv",
    "WSPSocket",
};
static const char *const datagram_names[CALLS_MAX] = {
    "WSPGetSockName",
    "WSPGetSockOpt",
    "WSPSelect with a timeout of zero",
    "WSPSelect whose time runs out",
    "WSPSendTo",
    "WSPRecvFrom",
    "WSPSocket",
};

static const struct acceptable zero[] = {RETURNS(0), FAILS_WITH(WSAEINPROGRESS), {ACCEPT_END}};
static const struct acceptable two[] = {RETURNS(2), FAILS_WITH(WSAEINPROGRESS), {ACCEPT_END}};
static const struct acceptable handle[] = {SUCCEEDS, FAILS_WITH(WSAEINPROGRESS), {ACCEPT_END}};

static bool is_stream(const struct others *others)
{
    return others->socket->entry->type == SOCK_STREAM;
}

static const char *name_of_call(const struct others *others, LONG index)
{
    return is_stream(others) ? names[index] : datagram_names[index];
}

struct others *arrange_others(const struct stage *stage)
{
    return arrange_others_of_type(stage->operation.entry->type, stage->family);
}

struct others *arrange_others_of_type(int type, int family)
{
    struct others *others = calloc(1, sizeof *others);
    struct buffer *bytes = buffer_with_pattern("what waits on the other socket", BYTES, 500);

    if (type == SOCK_STREAM) {
        struct connection connection = arrange_connection(family);
        others->socket = connection.local;
        others->to = peer_address(connection.peer);
        peer_send(connection.peer, bytes->bytes, BYTES);
    } else {
        struct peer *peer = peer_datagram(family);
        struct sockaddr_storage address;
        others->socket = arrange_datagram(family);
        others->to = peer_address(peer);
        address = socket_address(others->socket);
        peer_send_to(peer, &address, bytes->bytes, BYTES);
    }
    require_that(NEEDED("provider"), wait_until_readable(others->socket),
                 "the other socket, to which bytes were sent", "it becomes readable",
                 "it does not");
    others->sent = buffer_with_pattern("what the callback sends", BYTES, 700);
    others->received = buffer_new("what the callback receives", BYTES);
    for (unsigned i = 0; i < ARRAYSIZE(others->sets); i++) {
        others->sets[i] = new_fd_set("a set that the callback asks about", &others->socket, 1);
    }
    others->nothing =
        new_fd_set("a set for exceptions, of which there are none", &others->socket, 1);
    others->at_once = read_only_timeval(0, 0);
    others->a_moment = read_only_timeval(0, A_MOMENT_US);
    others->made = INVALID_SOCKET;
    return others;
}

/* Keeps what came of a call; the next one begins. */
static void keep(struct others *others, struct outcome outcome, const struct acceptable *usual)
{
    LONG index = others->returned;

    others->call[index].outcome = outcome;
    others->call[index].usual = usual;
    InterlockedIncrement(&others->returned);
}

static struct outcome send_some(struct others *others)
{
    WSABUF buffer = {.len = BYTES, .buf = (char *)others->sent->bytes};
    DWORD sent = 0;

    if (is_stream(others)) {
        return spi_send(others->socket, &buffer, 1, &sent, 0);
    }
    return spi_send_to(others->socket, &buffer, 1, &sent, 0, (struct sockaddr *)&others->to,
                       address_length(&others->to));
}

static struct outcome receive_some(struct others *others)
{
    WSABUF buffer = {.len = BYTES, .buf = (char *)others->received->bytes};
    struct sockaddr_storage from;
    int length = sizeof from;
    DWORD received = 0;
    DWORD flags = 0;

    if (is_stream(others)) {
        return spi_receive(others->socket, &buffer, 1, &received, &flags);
    }
    return spi_receive_from(others->socket, &buffer, 1, &received, &flags, &from, &length);
}

void make_others(struct others *others)
{
    struct spi_socket *socket = others->socket;
    struct sockaddr_storage name;
    int type = 0;
    int size = sizeof type;

    others->begun = 1;
    keep(others, spi_get_sock_name(socket, &name), zero);
    keep(others, spi_get_option(socket, SOL_SOCKET, SO_TYPE, &type, &size), zero);
    keep(others,
         spi_select(socket->entry, fd_set_of(others->sets[0]), fd_set_of(others->sets[1]), NULL,
                    others->at_once),
         two);
    keep(others,
         spi_select(socket->entry, NULL, NULL, fd_set_of(others->nothing), others->a_moment), zero);
    keep(others, send_some(others), zero);
    keep(others, receive_some(others), zero);
    keep(others, spi_socket(socket->entry, WSA_FLAG_OVERLAPPED, &others->made), handle);
    others->begun = 0;
}

/* Judged under the demand; one that did not return is ended, if anything ends it. */
static bool expect_all_returned(struct demand demand, const struct others *others,
                                struct blocked_call *outer)
{
    if (others->begun != 0) {
        const char *hanging = name_of_call(others, others->returned);
        rescue(outer);
        return expect_that(ending(demand), false,
                           about("%s on another socket, in the blocking callback", hanging),
                           "it returns", "it does not return");
    }
    return true;
}

static void close_made(const struct others *others)
{
    if (others->made != INVALID_SOCKET) {
        spi_close_handle(others->socket->entry, others->made);
    }
}

static void expect_outcomes(struct demand demand, const struct others *others,
                            const struct acceptable *instead)
{
    for (LONG i = 0; i < others->returned; i++) {
        expect_outcome(
            demand,
            about("%s on another socket, in the blocking callback", name_of_call(others, i)),
            others->call[i].outcome, instead != NULL ? instead : others->call[i].usual);
    }
    close_made(others);
}

bool expect_others(struct demand demand, struct others *others, struct blocked_call *outer)
{
    unsigned refused = 0;

    if (!expect_all_returned(demand, others, outer)) {
        return false;
    }
    for (LONG i = 0; i < others->returned; i++) {
        refused += outcome_is_error(others->call[i].outcome, WSAEINPROGRESS);
    }
    if (refused > 0) {
        record_choice("refuses %u of %ld calls made in the blocking callback", refused,
                      others->returned);
    }
    expect_outcomes(demand, others, NULL);
    return true;
}

bool expect_others_refused(struct demand demand, struct others *others, struct blocked_call *outer)
{
    if (!expect_all_returned(demand, others, outer)) {
        return false;
    }
    expect_outcomes(demand, others, ONE_OF(FAILS_WITH(WSAEINPROGRESS)));
    return true;
}

bool expect_others_elsewhere(struct demand demand, struct others *others)
{
    bool met = true;

    if (others->begun != 0) {
        return expect_that(demand, false,
                           about("%s on another thread, while a blocking callback runs",
                                 name_of_call(others, others->returned)),
                           "it returns", "it does not return before that callback has");
    }
    for (LONG i = 0; i < others->returned; i++) {
        const struct outcome *outcome = &others->call[i].outcome;
        met = expect_holds(demand,
                           outcome_is_one_of(*outcome, others->call[i].usual) &&
                               !outcome_is_error(*outcome, WSAEINPROGRESS),
                           about("%s on another thread, while a blocking callback runs",
                                 name_of_call(others, i)),
                           "its usual result", "%s", outcome_text((char[128]){0}, 128, *outcome)) &&
              met;
    }
    close_made(others);
    return met;
}
