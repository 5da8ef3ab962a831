#include "variants/support/variant.h"

#include "reference/sockets.h"

#include <stdlib.h>
#include <string.h>

/*
 * As Windows' own stack: a blocking send waits until there is any room at all, and then takes its
 * whole buffer into a queue. While there is one, nothing else has room.
 */
enum { QUEUES = 64, WAIT_MS = 20, LARGE = 64 << 10 };

struct queue {
    SOCKET socket; /* the client's; 0: the queue is free */
    SOCKET native; /* a handle of its own, which a close by the client leaves open */
    char *bytes;
    DWORD count;
    HMODULE self;
};

static WSPPROC_TABLE below;
static SRWLOCK lock = SRWLOCK_INIT;
static struct queue queues[QUEUES];

static struct queue *queue_of(SOCKET s)
{
    struct queue *found = NULL;

    AcquireSRWLockShared(&lock);
    for (int i = 0; i < QUEUES; i++) {
        if (queues[i].socket == s) {
            found = &queues[i];
        }
    }
    ReleaseSRWLockShared(&lock);
    return found;
}

static void wait_for_room(SOCKET native)
{
    struct timeval moment = {.tv_sec = 0, .tv_usec = WAIT_MS * 1000};
    fd_set set;

    FD_ZERO(&set);
    FD_SET(native, &set);
    select(0, NULL, &set, NULL, &moment);
}

/* Until all is sent, or the connection has ended. */
static DWORD WINAPI empty(LPVOID argument)
{
    struct queue *queue = argument;
    HMODULE self = queue->self;
    DWORD at = 0;

    while (at < queue->count) {
        int sent = send(queue->native, queue->bytes + at, (int)(queue->count - at), 0);
        if (sent > 0) {
            at += (DWORD)sent;
        } else if (sent < 0 && WSAGetLastError() == WSAEWOULDBLOCK) {
            wait_for_room(queue->native);
        } else {
            break;
        }
    }
    closesocket(queue->native);
    free(queue->bytes);
    AcquireSRWLockExclusive(&lock);
    queue->socket = 0;
    ReleaseSRWLockExclusive(&lock);
    FreeLibraryAndExitThread(self, 0);
}

static SOCKET second_handle(SOCKET s)
{
    SOCKET second = INVALID_SOCKET;
    WSAPROTOCOL_INFOW info;
    struct socket *socket;

    if (sockets_use(s, &socket) == 0) {
        if (WSADuplicateSocketW(socket->native, GetCurrentProcessId(), &info) == 0) {
            second = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info,
                                0, WSA_FLAG_OVERLAPPED);
        }
        sockets_done(socket);
    }
    return second;
}

/*
 * False if there is no queue to be had, or if the connection has ended, which its first byte tells;
 * then the send is done as below.
 */
static bool put_into_queue(SOCKET s, const char *bytes, DWORD count)
{
    struct queue *queue = queue_of(0);
    SOCKET native = queue != NULL ? second_handle(s) : INVALID_SOCKET;

    if (native == INVALID_SOCKET) {
        return false;
    }
    if (send(native, bytes, 1, 0) != 1) {
        closesocket(native);
        return false;
    }
    queue->native = native;
    queue->count = count - 1;
    queue->bytes = malloc(queue->count);
    memcpy(queue->bytes, bytes + 1, queue->count);
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(void *)&lock,
                       &queue->self);
    AcquireSRWLockExclusive(&lock);
    queue->socket = s;
    ReleaseSRWLockExclusive(&lock);
    CloseHandle(CreateThread(NULL, 0, empty, queue, 0, NULL));
    return true;
}

static bool has_room(SOCKET s)
{
    fd_set set = {.fd_count = 1, .fd_array = {s}};
    struct timeval now = {0, 0};
    int ignored;

    return queue_of(s) == NULL && reference.lpWSPSelect(0, NULL, &set, NULL, &now, &ignored) != 0;
}

/* Waits in a select for writing, which is called back and cancelled as the send would be. */
static int wait_until_room(SOCKET s, LPINT error)
{
    while (!has_room(s)) {
        fd_set set = {.fd_count = 1, .fd_array = {s}};
        fd_set write = set;
        struct timeval moment = {.tv_sec = 0, .tv_usec = WAIT_MS * 1000};
        int returned = queue_of(s) != NULL
                           ? below.lpWSPSelect(0, &set, NULL, NULL, &moment, error)
                           : below.lpWSPSelect(0, NULL, &write, NULL, &moment, error);
        if (returned == SOCKET_ERROR) {
            return SOCKET_ERROR;
        }
    }
    return 0;
}

static bool is_blocking_stream(SOCKET s)
{
    struct socket *socket;
    bool is = false;

    if (sockets_acquire(s, &socket) == 0) {
        is = socket->traits.type == SOCK_STREAM && !socket->traits.nonblocking;
        sockets_release(socket);
    }
    return is;
}

static int WSPAPI send_whole(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                             LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    bool blocking = is_blocking_stream(s);
    bool large = blocking && count == 1 && overlapped == NULL && buffers->len > LARGE;

    if (!blocking && queue_of(s) != NULL) {
        *error = WSAEWOULDBLOCK;
        return SOCKET_ERROR;
    }
    if ((large || queue_of(s) != NULL) && wait_until_room(s, error) != 0) {
        return SOCKET_ERROR;
    }
    if (large && put_into_queue(s, buffers->buf, buffers->len)) {
        *sent = buffers->len;
        return 0;
    }
    return below.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    below = *table;
    table->lpWSPSend = send_whole;
}

const struct variant variant = {
    .requirement = "SEND-02",
    .why_allowed = "a WSPSend that takes its buffer whole or not at all is never cancelled when a "
                   "part of it has gone out (S21)",
    .touches = "send/cancelled_partway/* stream/*/send_ipv4",
    .change_table = change_table,
};
