/*
 * The table of sockets, and WSPSocket.
 *
 * The context which ws2_32 keeps for a handle is a number, not a pointer: one thread may ask for it
 * just while another closes the socket, and a number that is no longer in the table does no harm.
 * Numbers are not used twice.
 */
#include "sockets.h"

#include <stdlib.h>

#include "async.h"
#include "entries.h"
#include "network.h"
#include "result.h"
#include "startup.h"
#include "upcalls.h"

#define SOCKETS_BUCKETS 1024

static SRWLOCK sockets__lock = SRWLOCK_INIT;
static struct socket *sockets__buckets[SOCKETS_BUCKETS];
static DWORD_PTR sockets__last_id;

static struct socket **sockets__bucket(DWORD_PTR id)
{
    return &sockets__buckets[id % SOCKETS_BUCKETS];
}

static DWORD_PTR sockets__next_id(void)
{
    AcquireSRWLockExclusive(&sockets__lock);
    DWORD_PTR id = ++sockets__last_id;
    ReleaseSRWLockExclusive(&sockets__lock);
    return id;
}

static void sockets__insert(struct socket *socket)
{
    struct socket **bucket = sockets__bucket(socket->id);
    AcquireSRWLockExclusive(&sockets__lock);
    socket->next = *bucket;
    *bucket = socket;
    ReleaseSRWLockExclusive(&sockets__lock);
}

/* Takes the socket out of the table; only one of several threads gets true. */
static bool sockets__remove(struct socket *socket)
{
    AcquireSRWLockExclusive(&sockets__lock);
    struct socket **link = sockets__bucket(socket->id);
    while (*link != NULL && *link != socket) {
        link = &(*link)->next;
    }
    bool found = *link != NULL;
    if (found) {
        *link = socket->next;
    }
    ReleaseSRWLockExclusive(&sockets__lock);
    return found;
}

static struct socket *sockets__find(DWORD_PTR id)
{
    AcquireSRWLockShared(&sockets__lock);
    struct socket *socket = *sockets__bucket(id);
    while (socket != NULL && socket->id != id) {
        socket = socket->next;
    }
    if (socket != NULL) {
        InterlockedIncrement(&socket->references);
    }
    ReleaseSRWLockShared(&sockets__lock);
    return socket;
}

static void sockets__unreference(struct socket *socket)
{
    if (InterlockedDecrement(&socket->references) == 0) {
        free(socket);
    }
}

int sockets_publish(SOCKET native, const struct socket_traits *traits, SOCKET *handle)
{
    u_long nonblocking = 1;
    if (ioctlsocket(native, (long)FIONBIO, &nonblocking) != 0) {
        return WSAGetLastError();
    }
    struct socket *socket = calloc(1, sizeof *socket);
    if (socket == NULL) {
        return WSAENOBUFS;
    }
    InitializeSRWLock(&socket->lock);
    socket->id = sockets__next_id();
    socket->references = 1; /* the table's */
    socket->traits = *traits;
    socket->state = SOCKET_OPEN;
    socket->native = native;

    int error =
        upcalls_create_handle(traits->protocol.dwCatalogEntryId, socket->id, &socket->handle);
    if (error != 0) {
        free(socket);
        return error;
    }
    *handle = socket->handle;
    InterlockedIncrement(&socket->references);
    sockets__insert(socket);
    if (traits->window != NULL) {
        async_start(socket); /* as its listener: an accepted socket is watched like it */
    }
    sockets__unreference(socket);
    return 0;
}

int sockets_acquire(SOCKET handle, struct socket **found)
{
    int error = startup_enter();
    if (error != 0) {
        return error;
    }
    DWORD_PTR id = 0;
    *found = NULL;
    if (upcalls_query_context(handle, &id) == 0) {
        *found = sockets__find(id);
    }
    if (*found == NULL) {
        startup_leave();
        return WSAENOTSOCK;
    }
    return 0;
}

void sockets_release(struct socket *socket)
{
    sockets__unreference(socket);
    startup_leave();
}

int sockets_lock(struct socket *socket)
{
    AcquireSRWLockExclusive(&socket->lock);
    if (socket->state == SOCKET_OPEN && !network_is_down()) {
        return 0;
    }
    int error = socket->state == SOCKET_OPEN      ? WSAENETDOWN
                : socket->state == SOCKET_ABORTED ? WSAECONNABORTED
                                                  : WSAENOTSOCK;
    ReleaseSRWLockExclusive(&socket->lock);
    return error;
}

void sockets_unlock(struct socket *socket)
{
    ReleaseSRWLockExclusive(&socket->lock);
}

void sockets_reset_native(SOCKET native)
{
    const struct linger hard = {1, 0};
    setsockopt(native, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard);
    closesocket(native);
}

/* Under the lock: closes the native socket, unless somebody still waits for it. Its number could
 * be another socket's by the time the wait looks at it again; and Wine's server does not survive
 * every close of a socket that is being polled. A wait lasts a fraction of a second at most. */
static void sockets__end_native(struct socket *socket)
{
    if (socket->state == SOCKET_OPEN || socket->watchers != 0 || socket->native == INVALID_SOCKET) {
        return;
    }
    if (socket->reset) {
        sockets_reset_native(socket->native);
    } else {
        closesocket(socket->native);
    }
    socket->native = INVALID_SOCKET;
}

int sockets_watch(struct socket *socket, SOCKET *native)
{
    int error = sockets_lock(socket);
    if (error == 0) {
        *native = socket->native;
        socket->watchers++;
        sockets_unlock(socket);
    }
    return error;
}

void sockets_unwatch(struct socket *socket)
{
    AcquireSRWLockExclusive(&socket->lock);
    socket->watchers--;
    sockets__end_native(socket);
    ReleaseSRWLockExclusive(&socket->lock);
}

int sockets_use(SOCKET handle, struct socket **found)
{
    int error = sockets_acquire(handle, found);
    if (error == 0) {
        error = sockets_lock(*found);
        if (error != 0) {
            sockets_release(*found);
        }
    }
    return error;
}

void sockets_done(struct socket *socket)
{
    sockets_unlock(socket);
    sockets_release(socket);
}

void sockets_hold(struct socket *socket)
{
    InterlockedIncrement(&socket->references);
    socket->watchers++;
    socket->operations++;
}

void sockets_let_go(struct socket *socket)
{
    AcquireSRWLockExclusive(&socket->lock);
    socket->watchers--;
    socket->operations--;
    sockets__end_native(socket);
    bool last = socket->state == SOCKET_CLOSED && socket->operations == 0;
    ReleaseSRWLockExclusive(&socket->lock);
    if (last) {
        upcalls_close_handle(socket->handle);
    }
    sockets__unreference(socket);
}

/* Whoever is blocked on the socket in another thread finds out at its next attempt; overlapped
 * operations are called off. Tells whether there were none. */
static bool sockets__end(struct socket *socket, enum socket_state state, bool reset)
{
    AcquireSRWLockExclusive(&socket->lock);
    bool idle = socket->operations == 0;
    if (!idle) {
        CancelIoEx((HANDLE)socket->native, NULL);
    }
    if (socket->state == SOCKET_OPEN) {
        socket->reset = reset;
    }
    if (socket->state != SOCKET_CLOSED) {
        socket->state = state;
    }
    sockets__end_native(socket);
    while (socket->pending != NULL) {
        struct pending_connection *connection = socket->pending;
        socket->pending = connection->next;
        sockets_reset_native(connection->native);
        free(connection);
    }
    ReleaseSRWLockExclusive(&socket->lock);
    return idle;
}

/* The end of a socket that is no longer in the table: the table's reference goes with it. The
 * handle is still needed to tell ws2_32 of operations that were called off just now. */
static void sockets__close_removed(struct socket *socket, bool reset)
{
    bool idle = sockets__end(socket, SOCKET_CLOSED, reset);
    async_stop(socket);
    if (idle) {
        upcalls_close_handle(socket->handle);
    }
    sockets__unreference(socket);
}

int sockets_close(struct socket *socket, bool reset)
{
    if (!sockets__remove(socket)) {
        return WSAENOTSOCK;
    }
    sockets__close_removed(socket, reset);
    return 0;
}

void sockets_abort(struct socket *socket)
{
    sockets__end(socket, SOCKET_ABORTED, true);
}

/* Takes some socket out of the table; NULL when it is empty. */
static struct socket *sockets__remove_any(void)
{
    struct socket *socket = NULL;
    AcquireSRWLockExclusive(&sockets__lock);
    for (int i = 0; i < SOCKETS_BUCKETS && socket == NULL; i++) {
        socket = sockets__buckets[i];
        if (socket != NULL) {
            sockets__buckets[i] = socket->next;
        }
    }
    ReleaseSRWLockExclusive(&sockets__lock);
    return socket;
}

void sockets_reset_all(void)
{
    struct socket *socket;
    while ((socket = sockets__remove_any()) != NULL) {
        sockets__close_removed(socket, true);
    }
}

/* 0 and FROM_PROTOCOL_INFO both mean: as the catalog entry says. */
static int sockets__choose(int asked, int entry)
{
    return asked == 0 || asked == FROM_PROTOCOL_INFO ? entry : asked;
}

static int sockets__check(int family, int type, int protocol)
{
    if (family != AF_INET && family != AF_INET6) {
        return WSAEAFNOSUPPORT;
    }
    if (type != SOCK_STREAM && type != SOCK_DGRAM) {
        return WSAESOCKTNOSUPPORT;
    }
    if (protocol != 0 && protocol != (type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP)) {
        return WSAEPROTONOSUPPORT;
    }
    return 0;
}

static int sockets__open(int af, int type, int protocol, const WSAPROTOCOL_INFOW *entry,
                         DWORD flags, SOCKET *handle)
{
    struct socket_traits traits = {.overlapped = (flags & WSA_FLAG_OVERLAPPED) != 0};
    if (entry != NULL) {
        traits.protocol = *entry;
    } else {
        startup_protocol(&traits.protocol);
    }
    int family = sockets__choose(af, traits.protocol.iAddressFamily);
    traits.type = sockets__choose(type, traits.protocol.iSocketType);
    bool as_entry = traits.type == traits.protocol.iSocketType;
    protocol = sockets__choose(protocol, as_entry ? traits.protocol.iProtocol : 0);
    int error = sockets__check(family, traits.type, protocol);
    if (error != 0) {
        return error;
    }

    SOCKET native = WSASocketW(family, traits.type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (native == INVALID_SOCKET) {
        return WSAGetLastError();
    }
    error = sockets_publish(native, &traits, handle);
    if (error != 0) {
        closesocket(native);
    }
    return error;
}

SOCKET WSPAPI WSPSocket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
                        DWORD dwFlags, LPINT lpErrno)
{
    /* Socket groups are an optional feature, and a flag which is not understood is no reason to
     * refuse. */
    (void)g;

    SOCKET handle = INVALID_SOCKET;
    int error = startup_enter();
    if (error == 0) {
        error = sockets__open(af, type, protocol, lpProtocolInfo, dwFlags, &handle);
        startup_leave();
    }
    return result(error, lpErrno) == 0 ? handle : INVALID_SOCKET;
}
