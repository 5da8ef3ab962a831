/* What can be done at once: each kind of request, tried on the system's non-blocking socket. */
#include "apart.h"

#include <stdlib.h>
#include <string.h>

static bool done(struct request *request, int error)
{
    request->error = error;
    return true;
}

/* Takes `bytes` off the front of the request's buffers. */
static void advance(struct request *request, DWORD bytes)
{
    request->bytes += bytes;
    while (request->count > 0 && bytes >= request->buffers->len) {
        bytes -= request->buffers->len;
        memmove(request->buffers, request->buffers + 1, --request->count * sizeof(WSABUF));
    }
    if (request->count > 0) {
        request->buffers->buf += bytes;
        request->buffers->len -= bytes;
    }
}

/* --- Connecting ------------------------------------------------------------------ */

void settle_connect(struct endpoint *endpoint)
{
    if (!endpoint->connecting || endpoint->system == INVALID_SOCKET) {
        return;
    }
    fd_set connected = {1, {endpoint->system}};
    fd_set failed = connected;
    struct timeval none = {0, 0};
    if (select(0, NULL, &connected, &failed, &none) <= 0) {
        return;
    }
    endpoint->connecting = false;
    if (failed.fd_count > 0) {
        int length = sizeof endpoint->failure;
        getsockopt(endpoint->system, SOL_SOCKET, SO_ERROR, (char *)&endpoint->failure, &length);
        endpoint->failure = endpoint->failure != 0 ? endpoint->failure : WSAECONNREFUSED;
        endpoint->refused = true;
        tell(endpoint, FD_CONNECT, endpoint->failure);
        return;
    }
    endpoint->connected = true;
    tell(endpoint, FD_CONNECT, 0);
}

static bool start_connect(struct request *request)
{
    struct endpoint *endpoint = request->endpoint;
    request->started = true;
    endpoint->refused = false;
    endpoint->failure = 0;
    rearm(endpoint, FD_CONNECT | FD_WRITE | FD_CLOSE);
    if (connect(endpoint->system, (const struct sockaddr *)&request->destination,
                request->destination_length) == 0) {
        endpoint->connected = true;
        if (endpoint->type == SOCK_STREAM) {
            tell(endpoint, FD_CONNECT, 0);
        }
        return done(request, 0);
    }
    const int error = WSAGetLastError();
    if (error != WSAEWOULDBLOCK) {
        return done(request, error);
    }
    endpoint->connecting = true;
    return false;
}

static bool attempt_connect(struct request *request)
{
    struct endpoint *endpoint = request->endpoint;
    if (!request->started && !start_connect(request)) {
        return false;
    }
    if (request->started && endpoint->connecting) {
        settle_connect(endpoint);
    }
    if (endpoint->connecting) {
        return false;
    }
    if (endpoint->refused) {
        request->error = endpoint->failure;
        endpoint->failure = 0;
        endpoint->refused = false;
    }
    return true;
}

/* --- Accepting --------------------------------------------------------------------- */

static bool attempt_accept(struct request *request)
{
    struct endpoint *endpoint = request->endpoint;
    if (endpoint->deferred != NULL) {
        request->arrived = endpoint->deferred;
        endpoint->deferred = request->arrived->next;
        return done(request, 0);
    }
    struct arrival *arrival = calloc(1, sizeof *arrival);
    if (arrival == NULL) {
        return done(request, WSAENOBUFS);
    }
    arrival->name_length = sizeof arrival->name;
    arrival->system =
        accept(endpoint->system, (struct sockaddr *)&arrival->name, &arrival->name_length);
    if (arrival->system == INVALID_SOCKET) {
        const int error = WSAGetLastError();
        free(arrival);
        return error != WSAEWOULDBLOCK && done(request, error);
    }
    request->arrived = arrival;
    return done(request, 0);
}

/* --- Receiving --------------------------------------------------------------------- */

void give_back(struct request *request)
{
    struct endpoint *endpoint = request->endpoint;
    char *both = malloc(endpoint->stashed + request->bytes);
    if (both == NULL || request->given == NULL) {
        free(both);
        return;
    }
    size_t kept = 0;
    for (const WSABUF *each = request->given; kept < request->bytes; each++) {
        const size_t left = request->bytes - kept;
        const size_t length = each->len < left ? each->len : left;
        memcpy(both + kept, each->buf, length);
        kept += length;
    }
    if (endpoint->stashed > 0) {
        memcpy(both + kept, endpoint->stash, endpoint->stashed);
    }
    free(endpoint->stash);
    endpoint->stash = both;
    endpoint->stashed += kept;
    rearm(endpoint, FD_READ);
    ring();
}

static void receive_from_stash(struct request *request)
{
    struct endpoint *endpoint = request->endpoint;
    size_t taken = 0;
    for (DWORD i = 0; i < request->count && taken < endpoint->stashed; i++) {
        const size_t left = endpoint->stashed - taken;
        const size_t length = request->buffers[i].len < left ? request->buffers[i].len : left;
        memcpy(request->buffers[i].buf, endpoint->stash + taken, length);
        taken += length;
    }
    if ((request->flags & MSG_PEEK) != 0) {
        request->bytes = (DWORD)taken;
        return;
    }
    endpoint->stashed -= taken;
    memmove(endpoint->stash, endpoint->stash + taken, endpoint->stashed);
    advance(request, (DWORD)taken);
}

static bool receives_all(const struct request *request)
{
    return (request->flags & MSG_WAITALL) != 0 && (request->flags & (MSG_PEEK | MSG_OOB)) == 0 &&
           request->endpoint->type == SOCK_STREAM && request->overlapped == NULL;
}

static int receive(struct request *request, DWORD *bytes, DWORD *flags)
{
    const SOCKET system = request->endpoint->system;
    *flags = request->flags & ~(DWORD)MSG_WAITALL;
    const int result =
        request->name != NULL
            ? WSARecvFrom(system, request->buffers, request->count, bytes, flags, request->name,
                          request->name_length, NULL, NULL)
            : WSARecv(system, request->buffers, request->count, bytes, flags, NULL, NULL);
    return result == 0 ? 0 : WSAGetLastError();
}

static DWORD total(const struct request *request)
{
    DWORD sum = 0;
    for (DWORD i = 0; i < request->count; i++) {
        sum += request->buffers[i].len;
    }
    return sum;
}

static bool attempt_receive(struct request *request)
{
    struct endpoint *endpoint = request->endpoint;
    const bool all = receives_all(request);
    if (endpoint->stashed > 0 && (request->flags & MSG_OOB) == 0) {
        receive_from_stash(request);
        if (!all || request->count == 0) {
            return done(request, 0);
        }
    }
    do {
        DWORD bytes = 0;
        DWORD flags = 0;
        const int error = receive(request, &bytes, &flags);
        if (error == WSAEWOULDBLOCK) {
            return false;
        }
        if (error != 0) {
            request->flags = error == WSAEMSGSIZE ? flags : request->flags;
            request->bytes = error == WSAEMSGSIZE ? total(request) : request->bytes;
            return done(request, all && request->bytes > 0 ? 0 : error);
        }
        advance(request, bytes);
        if (!all) {
            request->flags = flags;
        }
        if (bytes == 0) {
            break;
        }
    } while (all && request->count > 0);
    return done(request, 0);
}

/* --- Sending ----------------------------------------------------------------------- */

static int transmit(struct request *request, DWORD *bytes)
{
    const SOCKET system = request->endpoint->system;
    const int result =
        request->destination_length > 0
            ? WSASendTo(system, request->buffers, request->count, bytes, request->flags,
                        (const struct sockaddr *)&request->destination, request->destination_length,
                        NULL, NULL)
            : WSASend(system, request->buffers, request->count, bytes, request->flags, NULL, NULL);
    return result == 0 ? 0 : WSAGetLastError();
}

static bool attempt_send(struct request *request)
{
    do {
        DWORD bytes = 0;
        const int error = transmit(request, &bytes);
        if (error != 0) {
            return error != WSAEWOULDBLOCK && done(request, error);
        }
        advance(request, bytes);
    } while (request->endpoint->type == SOCK_STREAM && request->count > 0);
    return done(request, 0);
}

static bool attempt_linger(struct request *request)
{
    fd_set writable = {1, {request->endpoint->system}};
    struct timeval none = {0, 0};
    return select(0, NULL, &writable, NULL, &none) == 1 && done(request, 0);
}

/* --- Selecting --------------------------------------------------------------------- */

struct long_set {
    u_int count;
    SOCKET sockets[];
};

static struct long_set *systems_of(const struct watch *watch, int set)
{
    struct long_set *systems =
        calloc(1, sizeof *systems + (watch->count[set] + 1) * sizeof(SOCKET));
    for (u_int i = 0; systems != NULL && i < watch->count[set]; i++) {
        systems->sockets[systems->count++] = watch->members[set][i]->system;
    }
    return systems;
}

/* What the system does not know of: bytes and connections kept here, attempts that failed. */
static bool is_ready_here(const struct endpoint *endpoint, int set)
{
    return set == 0   ? endpoint->stashed > 0 || endpoint->deferred != NULL
           : set == 2 ? endpoint->refused
                      : false;
}

static bool contains(const struct long_set *set, SOCKET system)
{
    for (u_int i = 0; i < set->count; i++) {
        if (set->sockets[i] == system) {
            return true;
        }
    }
    return false;
}

static DWORD note_selected(struct watch *watch, struct long_set *systems[3])
{
    DWORD ready = 0;
    for (int set = 0; set < 3; set++) {
        for (u_int i = 0; i < watch->count[set]; i++) {
            const struct endpoint *endpoint = watch->members[set][i];
            watch->ready[set][i] =
                is_ready_here(endpoint, set) || contains(systems[set], endpoint->system);
            ready += watch->ready[set][i];
        }
    }
    return ready;
}

static bool attempt_select(struct request *request)
{
    struct long_set *systems[3];
    struct timeval none = {0, 0};
    for (int set = 0; set < 3; set++) {
        systems[set] = systems_of(request->watch, set);
    }
    int error = systems[0] && systems[1] && systems[2] ? 0 : WSAENOBUFS;
    if (error == 0) {
        const int count =
            select(0, (fd_set *)systems[0], (fd_set *)systems[1], (fd_set *)systems[2], &none);
        error = count == SOCKET_ERROR ? WSAGetLastError() : 0;
        if (count == 0) {
            systems[0]->count = systems[1]->count = systems[2]->count = 0;
        }
    }
    request->bytes = error == 0 ? note_selected(request->watch, systems) : 0;
    for (int set = 0; set < 3; set++) {
        free(systems[set]);
    }
    request->error = error;
    return error != 0 || request->bytes > 0;
}

bool attempt(struct request *request)
{
    switch (request->kind) {
    case CONNECT:
        return attempt_connect(request);
    case ACCEPT:
        return attempt_accept(request);
    case RECEIVE:
        return attempt_receive(request);
    case SEND:
        return attempt_send(request);
    case SELECT:
        return attempt_select(request);
    case LINGER_ON:
        return attempt_linger(request);
    default:
        return false;
    }
}
