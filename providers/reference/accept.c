/*
 * WSPAccept.
 *
 * Cancelling it must not harm the listener in any way (S15, S16), and it cannot: a connection stays
 * in the system's backlog until an attempt takes it, and after a cancel there is no attempt. What
 * was taken and cannot be delivered (deferred by the condition function, no handle to be had, too
 * small an address buffer) waits at the head of the listener's own queue for the next call.
 */
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "result.h"
#include "sockets.h"
#include "wait.h"

struct accept_call {
    struct blocking_call call;
    struct sockaddr *address;
    int *length;
    LPCONDITIONPROC condition;
    DWORD_PTR condition_data;
    SOCKET accepted; /* the new handle */
};

/* The oldest connection there is, or NULL and the reason why there is none. */
static struct pending_connection *accept__take(struct socket *listener, int *error)
{
    *error = sockets_lock(listener);
    if (*error != 0) {
        return NULL;
    }
    struct pending_connection *connection = listener->pending;
    if (connection != NULL) {
        listener->pending = connection->next;
    } else if ((connection = calloc(1, sizeof *connection)) == NULL) {
        *error = WSAENOBUFS;
    } else {
        connection->peer_length = sizeof connection->peer;
        connection->native = accept(listener->native, (struct sockaddr *)&connection->peer,
                                    &connection->peer_length);
        if (connection->native == INVALID_SOCKET) {
            *error = WSAGetLastError();
            if (*error == WSAENOTCONN) {
                /* What Wine says of a connection that was reset before anybody accepted it. */
                *error = WSAECONNRESET;
            }
            free(connection);
            connection = NULL;
        }
    }
    sockets_unlock(listener);
    return connection;
}

static void accept__reject(struct pending_connection *connection)
{
    sockets_reset_native(connection->native);
    free(connection);
}

static void accept__put_back(struct socket *listener, struct pending_connection *connection)
{
    if (sockets_lock(listener) != 0) {
        accept__reject(connection);
        return;
    }
    connection->next = listener->pending;
    listener->pending = connection;
    sockets_unlock(listener);
}

/* The client's condition function: it may call the provider as it likes (REENT-07). */
static int accept__ask(const struct accept_call *accepting, struct pending_connection *connection)
{
    if (accepting->condition == NULL) {
        return CF_ACCEPT;
    }
    SOCKADDR_STORAGE local;
    int local_length = sizeof local;
    if (getsockname(connection->native, (struct sockaddr *)&local, &local_length) != 0) {
        local_length = 0;
    }
    WSABUF caller = {(u_long)connection->peer_length, (char *)&connection->peer};
    WSABUF callee = {(u_long)local_length, (char *)&local};
    WSABUF caller_data = {0, NULL};
    WSABUF callee_data = {0, NULL};
    GROUP group = 0;
    return accepting->condition(&caller, &caller_data, NULL, NULL, &callee, &callee_data, &group,
                                accepting->condition_data);
}

static int accept__deliver(struct accept_call *accepting, struct pending_connection *connection)
{
    if (accepting->address != NULL && *accepting->length < connection->peer_length) {
        return WSAEFAULT;
    }
    int error =
        sockets_publish(connection->native, &accepting->call.socket->traits, &accepting->accepted);
    if (error == 0 && accepting->address != NULL) {
        memcpy(accepting->address, &connection->peer, (size_t)connection->peer_length);
        *accepting->length = connection->peer_length;
    }
    return error;
}

static int accept__attempt(struct blocking_call *call)
{
    struct accept_call *accepting = (struct accept_call *)call;
    int error;
    struct pending_connection *connection = accept__take(call->socket, &error);
    if (connection == NULL) {
        return error;
    }

    int answer = accept__ask(accepting, connection);
    if (answer == CF_REJECT) {
        accept__reject(connection);
        return WSAECONNREFUSED;
    }
    error = answer == CF_DEFER ? WSATRY_AGAIN : accept__deliver(accepting, connection);
    if (error == 0) {
        free(connection);
    } else {
        accept__put_back(call->socket, connection);
    }
    return error;
}

SOCKET WSPAPI WSPAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                        LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData, LPINT lpErrno)
{
    struct socket *listener;
    int error = sockets_acquire(s, &listener);
    if (error != 0) {
        result(error, lpErrno);
        return INVALID_SOCKET;
    }

    struct accept_call accepting = {
        .call = {.attempt = accept__attempt,
                 .wait = wait_readable,
                 .socket = listener,
                 .catalog_entry = listener->traits.protocol.dwCatalogEntryId,
                 .may_block = !listener->traits.nonblocking,
                 .timeout = WAIT_FOREVER},
        .address = addr,
        .length = addrlen,
        .condition = lpfnCondition,
        .condition_data = dwCallbackData,
        .accepted = INVALID_SOCKET,
    };
    error = addr != NULL && addrlen == NULL ? WSAEFAULT : wait_until_done(&accepting.call);

    sockets_release(listener);
    return result(error, lpErrno) == 0 ? accepting.accepted : INVALID_SOCKET;
}
