/* The calls that may have to wait. */
#include "apart.h"

#include <stdlib.h>
#include <string.h>

static int name_size(const struct endpoint *endpoint)
{
    return endpoint->family == AF_INET ? (int)sizeof(struct sockaddr_in)
                                       : (int)sizeof(struct sockaddr_in6);
}

static void copy_name(struct sockaddr *to, int *length, const struct arrival *arrival)
{
    if (to != NULL && length != NULL) {
        memcpy(to, &arrival->name, (size_t)arrival->name_length);
        *length = arrival->name_length;
    }
}

/* --- WSPConnect ------------------------------------------------------------------ */

int WSPAPI apart_connect(SOCKET handle, const struct sockaddr *name, int length, LPWSABUF caller,
                         LPWSABUF callee, LPQOS sending, LPQOS group, LPINT error)
{
    (void)caller;
    (void)sending;
    (void)group;
    struct request request = {.kind = CONNECT};
    int code = enter(handle, &request.endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    struct endpoint *endpoint = request.endpoint;
    settle_connect(endpoint);
    if (name == NULL || length < name_size(endpoint) || length > (int)sizeof(SOCKADDR_STORAGE)) {
        code = WSAEFAULT;
    } else if (endpoint->listening) {
        code = WSAEINVAL;
    } else if (endpoint->connecting) {
        code = WSAEALREADY;
    } else if (endpoint->connected && endpoint->type == SOCK_STREAM) {
        code = WSAEISCONN;
    } else {
        memcpy(&request.destination, name, (size_t)length);
        request.destination_length = length;
        code = perform(&request, !endpoint->nonblocking, 0);
    }
    leave();
    if (code == 0 && callee != NULL) {
        callee->len = 0;
    }
    return conclude(code, error);
}

/* --- WSPAccept --------------------------------------------------------------------- */

static void put_back(struct endpoint *endpoint, struct arrival *arrival)
{
    arrival->next = endpoint->deferred;
    endpoint->deferred = arrival;
}

static void refuse(struct arrival *arrival)
{
    const LINGER at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(arrival->system, SOL_SOCKET, SO_LINGER, (const char *)&at_once, sizeof at_once);
    closesocket(arrival->system);
    free(arrival);
}

static int ask_condition(struct arrival *arrival, LPCONDITIONPROC condition, DWORD_PTR data)
{
    SOCKADDR_STORAGE local = {.ss_family = 0};
    int length = sizeof local;
    getsockname(arrival->system, (struct sockaddr *)&local, &length);
    WSABUF caller = {(u_long)arrival->name_length, (char *)&arrival->name};
    WSABUF callee = {(u_long)length, (char *)&local};
    WSABUF none = {0, NULL};
    GROUP group = 0;
    return condition(&caller, NULL, NULL, NULL, &callee, &none, &group, data);
}

static void inherit(struct endpoint *accepted, const struct endpoint *listener)
{
    accepted->connected = true;
    accepted->nonblocking = listener->nonblocking;
    accepted->linger = listener->linger;
    accepted->receive_timeout = listener->receive_timeout;
    accepted->send_timeout = listener->send_timeout;
    accepted->window = listener->window;
    accepted->message = listener->message;
    accepted->event = listener->event;
    accepted->interest = listener->interest;
    accepted->armed = listener->interest & ~(FD_ACCEPT | FD_CONNECT);
}

/* Returns WSAECONNREFUSED, WSATRY_AGAIN or 0, as the client's condition function has it. */
static int admit(struct endpoint *listener, struct arrival *arrival, LPCONDITIONPROC condition,
                 DWORD_PTR data)
{
    const int answer = condition != NULL ? ask_condition(arrival, condition, data) : CF_ACCEPT;
    if (answer == CF_ACCEPT) {
        return 0;
    }
    if (answer == CF_DEFER) {
        EnterCriticalSection(&lock);
        put_back(listener, arrival);
        leave();
        return WSATRY_AGAIN;
    }
    refuse(arrival);
    return WSAECONNREFUSED;
}

static int welcome(struct endpoint *listener, struct arrival *arrival, struct endpoint **accepted)
{
    const int code = make_endpoint(arrival->system, &listener->entry, listener->family,
                                   listener->type, accepted);
    EnterCriticalSection(&lock);
    if (code == 0) {
        inherit(*accepted, listener);
        ring();
    } else if (listener->system != INVALID_SOCKET) {
        put_back(listener, arrival);
    } else {
        refuse(arrival);
    }
    leave();
    return code;
}

SOCKET WSPAPI apart_accept(SOCKET handle, struct sockaddr *name, LPINT length,
                           LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    struct request request = {.kind = ACCEPT};
    int code = enter(handle, &request.endpoint);
    if (code != 0) {
        *error = code;
        return INVALID_SOCKET;
    }
    struct endpoint *listener = request.endpoint;
    hold(listener);
    if (name != NULL && length != NULL && *length < name_size(listener)) {
        code = WSAEFAULT;
    } else if (listener->type != SOCK_STREAM) {
        code = WSAEOPNOTSUPP;
    } else if (!listener->listening) {
        code = WSAEINVAL;
    } else {
        code = perform(&request, !listener->nonblocking, 0);
        rearm(listener, FD_ACCEPT);
    }
    leave();
    struct endpoint *accepted = NULL;
    if (code == 0) {
        code = admit(listener, request.arrived, condition, data);
    }
    if (code == 0) {
        code = welcome(listener, request.arrived, &accepted);
    }
    if (code == 0) {
        copy_name(name, length, request.arrived);
        free(request.arrived);
    }
    EnterCriticalSection(&lock);
    release(listener);
    leave();
    *error = code != 0 ? code : *error;
    return code == 0 ? accepted->handle : INVALID_SOCKET;
}

/* --- Receiving and sending --------------------------------------------------------- */

static int copy_buffers(struct request *request, const WSABUF *buffers, DWORD count)
{
    if (buffers == NULL || count == 0) {
        return WSAEINVAL;
    }
    request->buffers = malloc(count * sizeof *buffers);
    if (request->buffers == NULL) {
        return WSAENOBUFS;
    }
    memcpy(request->buffers, buffers, count * sizeof *buffers);
    request->count = count;
    return 0;
}

static int transfer_now(struct request *request, DWORD *bytes, DWORD *flags, DWORD patience)
{
    struct endpoint *endpoint = request->endpoint;
    const int code = perform(request, !endpoint->nonblocking, patience);
    if (bytes != NULL && (code == 0 || code == WSAEMSGSIZE)) {
        *bytes = request->bytes;
        if (flags != NULL) {
            *flags = request->flags & ~(DWORD)MSG_WAITALL;
        }
    }
    free(request->buffers);
    return code;
}

/* The thread's id is the client's to give; a client that gives none is asked. */
static int name_thread(struct request *request, const WSATHREADID *thread)
{
    if (request->routine == NULL) {
        return 0;
    }
    if (thread != NULL) {
        request->thread = *thread;
        return 0;
    }
    int error = 0;
    request->opened = upcalls.lpWPUOpenCurrentThread(&request->thread, &error) == 0;
    return request->opened ? 0 : error;
}

static int transfer_later(const struct request *prepared, DWORD *bytes, const WSATHREADID *thread)
{
    struct request *request = malloc(sizeof *request);
    if (request == NULL) {
        free(prepared->buffers);
        return WSAENOBUFS;
    }
    *request = *prepared;
    request->given = NULL;
    request->handle = request->endpoint->handle;
    request->ifs = request->endpoint->plate != INVALID_SOCKET;
    const int code = name_thread(request, thread);
    if (code != 0) {
        free(request->buffers);
        free(request);
        return code;
    }
    DWORD unused = 0;
    return perform_later(request, bytes != NULL ? bytes : &unused);
}

static int transfer(struct request *request, const WSABUF *buffers, DWORD count, DWORD *bytes,
                    DWORD *flags, const WSATHREADID *thread)
{
    struct endpoint *endpoint = request->endpoint;
    const bool receives = request->kind == RECEIVE;
    settle_connect(endpoint);
    int code = copy_buffers(request, buffers, count);
    if (code != 0) {
        return code;
    }
    if (request->overlapped != NULL) {
        code = transfer_later(request, bytes, thread);
    } else {
        request->given = buffers;
        const DWORD patience = receives ? endpoint->receive_timeout : endpoint->send_timeout;
        hold(endpoint);
        code = transfer_now(request, bytes, flags, patience);
        if (receives) {
            rearm(endpoint, request->flags & MSG_OOB ? FD_OOB : FD_READ);
        } else if (code == WSAEWOULDBLOCK) {
            rearm(endpoint, FD_WRITE);
        }
        release(endpoint);
    }
    return code;
}

int WSPAPI apart_recv_from(SOCKET handle, LPWSABUF buffers, DWORD count, LPDWORD bytes,
                           LPDWORD flags, struct sockaddr *name, LPINT length,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    if (flags == NULL || (bytes == NULL && overlapped == NULL) ||
        (routine != NULL && overlapped == NULL)) {
        return conclude(routine != NULL && overlapped == NULL ? WSAEINVAL : WSAEFAULT, error);
    }
    struct request request = {.kind = RECEIVE,
                              .flags = *flags,
                              .name = name,
                              .name_length = length,
                              .overlapped = overlapped,
                              .routine = routine};
    int code = enter(handle, &request.endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    if (name != NULL && (length == NULL || *length < name_size(request.endpoint))) {
        code = WSAEFAULT;
    } else {
        code = transfer(&request, buffers, count, bytes, flags, thread);
    }
    leave();
    return conclude(code, error);
}

int WSPAPI apart_recv(SOCKET handle, LPWSABUF buffers, DWORD count, LPDWORD bytes, LPDWORD flags,
                      LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                      LPWSATHREADID thread, LPINT error)
{
    return apart_recv_from(handle, buffers, count, bytes, flags, NULL, NULL, overlapped, routine,
                           thread, error);
}

int WSPAPI apart_send_to(SOCKET handle, LPWSABUF buffers, DWORD count, LPDWORD bytes, DWORD flags,
                         const struct sockaddr *name, int length, LPWSAOVERLAPPED overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                         LPINT error)
{
    if ((bytes == NULL && overlapped == NULL) || length > (int)sizeof(SOCKADDR_STORAGE) ||
        (routine != NULL && overlapped == NULL)) {
        return conclude(routine != NULL && overlapped == NULL ? WSAEINVAL : WSAEFAULT, error);
    }
    struct request request = {
        .kind = SEND, .flags = flags, .overlapped = overlapped, .routine = routine};
    int code = enter(handle, &request.endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    if (name != NULL && length > 0 && request.endpoint->type == SOCK_DGRAM) {
        memcpy(&request.destination, name, (size_t)length);
        request.destination_length = length;
    }
    const bool lost = request.endpoint->type == SOCK_DGRAM && !request.endpoint->connected &&
                      request.destination_length == 0;
    code = lost ? WSAENOTCONN : transfer(&request, buffers, count, bytes, NULL, thread);
    leave();
    return conclude(code, error);
}

int WSPAPI apart_send(SOCKET handle, LPWSABUF buffers, DWORD count, LPDWORD bytes, DWORD flags,
                      LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                      LPWSATHREADID thread, LPINT error)
{
    return apart_send_to(handle, buffers, count, bytes, flags, NULL, 0, overlapped, routine, thread,
                         error);
}

BOOL WSPAPI apart_get_overlapped_result(SOCKET handle, LPWSAOVERLAPPED overlapped, LPDWORD bytes,
                                        BOOL wait, LPDWORD flags, LPINT error)
{
    struct endpoint *endpoint = NULL;
    int code = enter_any(handle, &endpoint);
    if (code == 0) {
        if (wait) {
            await_overlapped(overlapped);
        }
        if (overlapped->Internal == WSS_OPERATION_IN_PROGRESS) {
            code = WSA_IO_INCOMPLETE;
        } else {
            code = (int)overlapped->Offset;
            *bytes = (DWORD)overlapped->InternalHigh;
            *flags = overlapped->OffsetHigh;
        }
        leave();
    }
    return conclude(code, error) == 0;
}

/* --- WSPSelect --------------------------------------------------------------------- */

static void forget(struct watch *watch)
{
    EnterCriticalSection(&lock);
    for (int set = 0; set < 3; set++) {
        for (u_int i = 0; watch->members[set] != NULL && i < watch->count[set]; i++) {
            if (watch->members[set][i] != NULL) {
                release(watch->members[set][i]);
            }
        }
        free(watch->members[set]);
        free(watch->ready[set]);
    }
    leave();
}

static int remember(struct watch *watch, int set, const fd_set *given)
{
    const u_int count = given != NULL ? given->fd_count : 0;
    watch->count[set] = count;
    watch->members[set] = calloc(count + 1, sizeof(struct endpoint *));
    watch->ready[set] = calloc(count + 1, sizeof(bool));
    if (watch->members[set] == NULL || watch->ready[set] == NULL) {
        watch->count[set] = 0;
        return WSAENOBUFS;
    }
    for (u_int i = 0; i < count; i++) {
        const int code = enter(given->fd_array[i], &watch->members[set][i]);
        if (code != 0) {
            return code;
        }
        settle_connect(watch->members[set][i]);
        hold(watch->members[set][i]);
        leave();
    }
    return 0;
}

static void answer(const struct watch *watch, int set, fd_set *given)
{
    u_int kept = 0;
    for (u_int i = 0; i < watch->count[set]; i++) {
        if (watch->ready[set][i]) {
            given->fd_array[kept++] = given->fd_array[i];
        }
    }
    if (given != NULL) {
        given->fd_count = kept;
    }
}

/* A wait of no time is one look; any other counts in whole milliseconds, and never as none. */
static DWORD patience_of(const struct timeval *time)
{
    if (time == NULL) {
        return 0;
    }
    const ULONGLONG ms = (ULONGLONG)time->tv_sec * 1000 + ((ULONGLONG)time->tv_usec + 999) / 1000;
    return ms >= INFINITE ? INFINITE - 1 : (DWORD)ms;
}

static int watch_out(struct watch *watch, const struct timeval *time, DWORD *count)
{
    struct request request = {.kind = SELECT, .watch = watch};
    for (int set = 2; set >= 0; set--) {
        request.endpoint = watch->count[set] > 0 ? watch->members[set][0] : request.endpoint;
    }
    if (request.endpoint == NULL || (time != NULL && (time->tv_sec < 0 || time->tv_usec < 0))) {
        return WSAEINVAL;
    }
    const bool waits = time == NULL || time->tv_sec != 0 || time->tv_usec != 0;
    EnterCriticalSection(&lock);
    const int code = perform(&request, waits, patience_of(time));
    leave();
    *count = request.bytes;
    return code == WSAETIMEDOUT || code == WSAEWOULDBLOCK ? 0 : code;
}

int WSPAPI apart_select(int unused, fd_set *readable, fd_set *writable, fd_set *exceptional,
                        const PTIMEVAL time, LPINT error)
{
    (void)unused;
    fd_set *const given[3] = {readable, writable, exceptional};
    struct watch watch = {.count = {0, 0, 0}};
    int code = 0;
    DWORD count = 0;
    for (int set = 0; set < 3 && code == 0; set++) {
        code = remember(&watch, set, given[set]);
    }
    if (code == 0) {
        code = watch_out(&watch, time, &count);
    }
    for (int set = 0; set < 3 && code == 0; set++) {
        answer(&watch, set, given[set]);
    }
    forget(&watch);
    return conclude(code, error) == 0 ? (int)count : SOCKET_ERROR;
}
