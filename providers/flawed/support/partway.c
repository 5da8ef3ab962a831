#include "flawed/support/partway.h"

#include "reference/sockets.h"

#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 20, PUT_BACK_SOCKETS = 64, PUT_BACK_BYTES = 256 };

/* A call that waits here, on the stack of its thread. */
struct frame {
    struct frame *outer;
    struct partway partway;
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
    bool cancelled;
};

static struct partway_calls wrapped;
static WSPPROC_TABLE beneath;
static DWORD slot = TLS_OUT_OF_INDEXES;

static struct {
    SOCKET socket;
    DWORD count;
    char bytes[PUT_BACK_BYTES];
} kept[PUT_BACK_SOCKETS];

void put_back(SOCKET s, const char *bytes, DWORD count)
{
    for (int i = 0; i < PUT_BACK_SOCKETS; i++) {
        if (kept[i].count == 0 && count <= PUT_BACK_BYTES) {
            kept[i].socket = s;
            kept[i].count = count;
            memcpy(kept[i].bytes, bytes, count);
            return;
        }
    }
}

bool has_put_back(SOCKET s)
{
    for (int i = 0; i < PUT_BACK_SOCKETS; i++) {
        if (kept[i].count > 0 && kept[i].socket == s) {
            return true;
        }
    }
    return false;
}

static DWORD take_back(SOCKET s, char *bytes, DWORD room)
{
    for (int i = 0; i < PUT_BACK_SOCKETS; i++) {
        if (kept[i].count > 0 && kept[i].socket == s) {
            DWORD count = kept[i].count < room ? kept[i].count : room;
            memcpy(bytes, kept[i].bytes, count);
            memmove(kept[i].bytes, kept[i].bytes + count, kept[i].count - count);
            kept[i].count -= count;
            return count;
        }
    }
    return 0;
}

int abort_partway(const struct partway *partway)
{
    struct socket *socket;

    if (sockets_acquire(partway->socket, &socket) == 0) {
        sockets_abort(socket);
        sockets_release(socket);
    }
    return WSAEINTR;
}

/* True for a stream on which calls wait. */
static bool is_blocking_stream(SOCKET s, DWORD *catalog)
{
    struct socket *socket;
    bool is = false;

    if (sockets_acquire(s, &socket) == 0) {
        is = socket->traits.type == SOCK_STREAM && !socket->traits.nonblocking;
        *catalog = socket->traits.protocol.dwCatalogEntryId;
        sockets_release(socket);
    }
    return is;
}

/* One operation of the system, which is not a blocking one: 0, or its error. */
static int move_some(struct partway *partway)
{
    WSABUF rest = {.len = partway->left, .buf = (char *)(uintptr_t)partway->begin + partway->moved};
    struct socket *socket;
    DWORD moved = 0;
    DWORD flags = wrapped.only_looks ? MSG_PEEK : 0;
    int error = sockets_use(partway->socket, &socket);

    if (error != 0) {
        return error;
    }
    if ((partway->sends ? WSASend(socket->native, &rest, 1, &moved, 0, NULL, NULL)
                        : WSARecv(socket->native, &rest, 1, &moved, &flags, NULL, NULL)) != 0) {
        error = WSAGetLastError();
    } else if (!partway->sends && wrapped.only_looks && moved > 0) {
        flags = 0;
        if (moved < partway->left) {
            error = WSAEWOULDBLOCK;
        } else if (WSARecv(socket->native, &rest, 1, &moved, &flags, NULL, NULL) != 0) {
            error = WSAGetLastError();
        }
    }
    if (error == 0) {
        partway->moved += moved;
        partway->left = moved > 0 || partway->sends ? partway->left - moved : 0;
    }
    sockets_done(socket);
    return error;
}

/* What has been looked at already stays readable, so that waiting for it would not wait. */
static void wait_for(const struct partway *partway)
{
    struct timeval moment = {.tv_sec = 0, .tv_usec = WAIT_MS * 1000};
    struct socket *socket;
    SOCKET native;
    fd_set set;

    if (sockets_acquire(partway->socket, &socket) != 0) {
        return;
    }
    if (wrapped.only_looks && !partway->sends) {
        SleepEx(WAIT_MS, TRUE);
    } else if (sockets_watch(socket, &native) == 0) {
        FD_ZERO(&set);
        FD_SET(native, &set);
        select(0, partway->sends ? NULL : &set, partway->sends ? &set : NULL, NULL, &moment);
        sockets_unwatch(socket);
    }
    sockets_release(socket);
}

static int wait_here(struct frame *frame)
{
    int error;

    while (frame->partway.left > 0) {
        error = move_some(&frame->partway);
        if (error == 0) {
            continue;
        }
        if (error != WSAEWOULDBLOCK) {
            return error;
        }
        if (frame->callback != NULL) {
            frame->callback(frame->context);
        }
        if (frame->cancelled) {
            return frame->partway.moved > 0 ? wrapped.cancelled(&frame->partway) : WSAEINTR;
        }
        wait_for(&frame->partway);
    }
    return 0;
}

static int make_call(SOCKET s, const WSABUF *buffer, bool sends, DWORD catalog, LPDWORD moved,
                     LPINT error)
{
    struct frame frame = {
        .outer = TlsGetValue(slot),
        .partway = {.socket = s, .sends = sends, .begin = buffer->buf, .left = buffer->len}};
    int ignored;
    int code;

    TlsSetValue(slot, &frame);
    client.lpWPUQueryBlockingCallback(catalog, &frame.callback, &frame.context, &ignored);
    code = wait_here(&frame);
    TlsSetValue(slot, frame.outer);
    if (code != 0) {
        *error = code;
        return SOCKET_ERROR;
    }
    *moved = frame.partway.moved;
    return 0;
}

static int WSPAPI send_here(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    DWORD catalog = 0;

    if (count == 1 && flags == 0 && overlapped == NULL && buffers->len > 0 &&
        is_blocking_stream(s, &catalog)) {
        return make_call(s, buffers, true, catalog, sent, error);
    }
    return beneath.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
}

static int WSPAPI receive_here(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    DWORD catalog = 0;

    if (count > 0 && buffers->len > 0 && has_put_back(s)) {
        *received = take_back(s, buffers->buf, buffers->len);
        return 0;
    }
    if (count == 1 && *flags == MSG_WAITALL && overlapped == NULL && buffers->len > 0 &&
        is_blocking_stream(s, &catalog)) {
        *flags = 0;
        return make_call(s, buffers, false, catalog, received, error);
    }
    return beneath.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                             error);
}

static int WSPAPI cancel_here(LPINT error)
{
    struct frame *frame = TlsGetValue(slot);

    if (frame == NULL) {
        return beneath.lpWSPCancelBlockingCall(error);
    }
    frame->cancelled = true;
    return 0;
}

void wrap_partway(WSPPROC_TABLE *table, struct partway_calls calls)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    wrapped = calls;
    beneath = *table;
    table->lpWSPSend = send_here;
    table->lpWSPRecv = receive_here;
    table->lpWSPCancelBlockingCall = cancel_here;
}
