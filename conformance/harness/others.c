#include "harness/others.h"

#include "harness/names.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES = 48, CALLS_MAX = 8 };

struct others {
    struct spi_socket *socket;
    struct sockaddr_storage to; /* of its peer */
    struct buffer *sent;
    struct buffer *received;
    struct buffer *sets[2]; /* to read, and to write */
    const struct timeval *at_once;
    SOCKET made; /* by the WSPSocket among them */
    volatile LONG begun;
    volatile LONG returned;
    struct {
        const char *what;
        struct outcome outcome;
        const struct acceptable *usual;
    } call[CALLS_MAX];
};

static const struct acceptable zero[] = {RETURNS(0), FAILS_WITH(WSAEINPROGRESS), {ACCEPT_END}};
static const struct acceptable two[] = {RETURNS(2), FAILS_WITH(WSAEINPROGRESS), {ACCEPT_END}};
static const struct acceptable handle[] = {SUCCEEDS, FAILS_WITH(WSAEINPROGRESS), {ACCEPT_END}};

struct others *arrange_others(const struct stage *stage)
{
    struct others *others = calloc(1, sizeof *others);
    struct buffer *bytes = buffer_with_pattern("what waits on the other socket", BYTES, 500);
    bool stream = stage->operation.entry->type == SOCK_STREAM;

    if (stream) {
        struct connection connection = arrange_connection(stage->family);
        others->socket = connection.local;
        others->to = peer_address(connection.peer);
        peer_send(connection.peer, bytes->bytes, BYTES);
    } else {
        struct peer *peer = peer_datagram(stage->family);
        struct sockaddr_storage address;
        others->socket = arrange_datagram(stage->family);
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
    others->at_once = read_only_timeval(0, 0);
    others->made = INVALID_SOCKET;
    return others;
}

/* Keeps what came of a call; the next one begins. */
static void keep(struct others *others, const char *what, struct outcome outcome,
                 const struct acceptable *usual)
{
    LONG index = others->returned;

    others->call[index].what = what;
    others->call[index].outcome = outcome;
    others->call[index].usual = usual;
    InterlockedIncrement(&others->returned);
}

static struct outcome send_some(struct others *others)
{
    WSABUF buffer = {.len = BYTES, .buf = (char *)others->sent->bytes};
    DWORD sent = 0;

    if (others->socket->entry->type == SOCK_STREAM) {
        return spi_send(others->socket, &buffer, 1, &sent, 0);
    }
    return spi_send_to(others->socket, &buffer, 1, &sent, 0, (struct sockaddr *)&others->to,
                       address_length(&others->to));
}

static struct outcome receive_some(struct others *others)
{
    WSABUF buffer = {.len = BYTES, .buf = (char *)others->received->bytes};
    DWORD received = 0;
    DWORD flags = 0;

    return spi_receive(others->socket, &buffer, 1, &received, &flags);
}

void make_others(struct others *others)
{
    struct spi_socket *socket = others->socket;
    struct sockaddr_storage name;
    int type = 0;
    int size = sizeof type;

    others->begun = 1;
    keep(others, "WSPGetSockName", spi_get_sock_name(socket, &name), zero);
    keep(others, "WSPGetSockOpt", spi_get_option(socket, SOL_SOCKET, SO_TYPE, &type, &size), zero);
    keep(others, "WSPSelect with a timeout of zero",
         spi_select(socket->entry, fd_set_of(others->sets[0]), fd_set_of(others->sets[1]), NULL,
                    others->at_once),
         two);
    keep(others, "WSPSend", send_some(others), zero);
    keep(others, "WSPRecv", receive_some(others), zero);
    keep(others, "WSPSocket", spi_socket(socket->entry, WSA_FLAG_OVERLAPPED, &others->made),
         handle);
    others->begun = 0;
}

bool expect_others(struct demand demand, struct others *others, struct blocked_call *outer)
{
    unsigned refused = 0;

    if (others->begun != 0) {
        rescue(outer);
        expect_that(ending(demand), false, "a call that the callback makes on another socket",
                    "it returns", "call number %ld does not return", others->returned + 1);
        return false;
    }
    for (LONG i = 0; i < others->returned; i++) {
        refused += outcome_is_error(others->call[i].outcome, WSAEINPROGRESS);
        expect_outcome(
            demand, about("%s on another socket, in the blocking callback", others->call[i].what),
            others->call[i].outcome, others->call[i].usual);
    }
    if (refused > 0) {
        record_choice("refuses %u of %ld calls made in the blocking callback", refused,
                      others->returned);
    }
    if (others->made != INVALID_SOCKET) {
        spi_close_handle(others->socket->entry, others->made);
    }
    return true;
}
