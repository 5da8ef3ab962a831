/* Requests: done at once, handed to the service thread, waited for, cancelled. */
#include "apart.h"

#include <stdlib.h>
#include <string.h>

#define PULSE_MS   15
#define LEAVING_MS 1000

static struct {
    struct request *requests; /* oldest first */
    HANDLE thread;
    SOCKET bell; /* a datagram socket that sends to itself */
    bool rung;
    bool stopping;
    unsigned turns;   /* how often it has stopped looking */
    unsigned waiting; /* calls that wait, of all threads */
    CONDITION_VARIABLE turned;
    CONDITION_VARIABLE completed;
    DWORD slot;
} service = {.bell = INVALID_SOCKET,
             .turned = CONDITION_VARIABLE_INIT,
             .completed = CONDITION_VARIABLE_INIT,
             .slot = TLS_OUT_OF_INDEXES};

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);
BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        InitializeCriticalSection(&lock);
        service.slot = TlsAlloc();
        return service.slot != TLS_OUT_OF_INDEXES;
    }
    if (reason == DLL_PROCESS_DETACH) {
        TlsFree(service.slot);
    }
    return TRUE;
}

void ring(void)
{
    if (service.thread != NULL && !service.rung) {
        service.rung = send(service.bell, "", 1, 0) == 1;
    }
}

/* --- The queue --------------------------------------------------------------- */

static void enqueue(struct request *request)
{
    struct request **link = &service.requests;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    request->next = NULL;
    request->queued = true;
    *link = request;
}

static void unlink_request(struct request *request)
{
    struct request **link = &service.requests;
    while (*link != NULL && *link != request) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = request->next;
    }
    request->queued = false;
}

/* Whether an older request has to be done before this one. */
static bool is_preceded(const struct request *request)
{
    for (const struct request *older = service.requests; older != NULL && older != request;
         older = older->next) {
        if (older->kind == request->kind && older->endpoint == request->endpoint &&
            request->kind != SELECT && request->kind != CONTROL &&
            ((older->flags ^ request->flags) & MSG_OOB) == 0) {
            return true;
        }
    }
    return false;
}

static bool concerns(const struct request *request, const struct endpoint *endpoint)
{
    if (request->kind != SELECT) {
        return request->endpoint == endpoint;
    }
    for (int set = 0; set < 3; set++) {
        for (u_int i = 0; i < request->watch->count[set]; i++) {
            if (request->watch->members[set][i] == endpoint) {
                return true;
            }
        }
    }
    return false;
}

/* --- Completion ---------------------------------------------------------------- */

struct routine_call {
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    WSAOVERLAPPED *overlapped;
    DWORD error;
    DWORD bytes;
    DWORD flags;
};

static void CALLBACK call_routine(DWORD_PTR context)
{
    struct routine_call *call = (struct routine_call *)context;
    const struct routine_call copy = *call;
    free(call);
    copy.routine(copy.error, copy.bytes, copy.overlapped, copy.flags);
}

static void note_result(const struct request *request)
{
    WSAOVERLAPPED *overlapped = request->overlapped;
    overlapped->Offset = (DWORD)request->error;
    overlapped->OffsetHigh = request->flags;
    overlapped->InternalHigh = request->bytes;
    MemoryBarrier();
    overlapped->Internal = (ULONG_PTR)request->error;
}

static void queue_routine(struct request *request)
{
    struct routine_call *call = malloc(sizeof *call);
    note_result(request);
    int error = 0;
    if (call != NULL) {
        *call = (struct routine_call){request->routine, request->overlapped, (DWORD)request->error,
                                      request->bytes, request->flags};
        if (upcalls.lpWPUQueueApc(&request->thread, call_routine, (DWORD_PTR)call, &error) != 0) {
            free(call);
        }
    }
    if (request->opened) {
        upcalls.lpWPUCloseThread(&request->thread, &error);
    }
}

/* Only handles that WPUCreateSocketHandle made can be completed through ws2_32. */
static void signal_event(struct request *request)
{
    WSAOVERLAPPED *overlapped = request->overlapped;
    int error = 0;
    const WSAEVENT event = overlapped->hEvent;
    overlapped->Offset = (DWORD)request->error;
    overlapped->OffsetHigh = request->flags;
    if (!request->ifs &&
        WPUCompleteOverlappedRequest(request->handle, overlapped, (DWORD)request->error,
                                     request->bytes, &error) == 0 &&
        error == 0) {
        return;
    }
    note_result(request);
    if (event != NULL) {
        upcalls.lpWPUSetEvent(event, &error);
    }
}

static void free_overlapped(struct request *request)
{
    release(request->endpoint);
    free(request->buffers);
    free(request);
    WakeAllConditionVariable(&service.completed);
}

static void settle(struct request *request)
{
    if (request->queued) {
        unlink_request(request);
    }
    request->finished = true;
}

static void finish(struct request *request)
{
    settle(request);
    if (request->overlapped == NULL) {
        SetEvent(request->wake);
        return;
    }
    if (request->routine != NULL) {
        queue_routine(request);
    } else {
        signal_event(request);
    }
    free_overlapped(request);
}

/* Ends a call that waits; it is the waiting thread's own, and lives on. */
static void end_wait(struct request *request, int code)
{
    request->error = code;
    if (request->kind == RECEIVE && request->bytes > 0) {
        give_back(request);
    }
    request->bytes = 0;
    if (request->kind == CONTROL && request->endpoint->system != INVALID_SOCKET) {
        request->started =
            CancelIoEx((HANDLE)request->endpoint->system, &request->pending) != FALSE;
    }
    settle(request);
    SetEvent(request->wake);
}

static void finish_with(struct request *request, int code)
{
    if (request->overlapped == NULL) {
        end_wait(request, code);
        return;
    }
    request->error = WSA_OPERATION_ABORTED;
    request->bytes = 0;
    finish(request);
}

void end_requests(struct endpoint *endpoint, int code)
{
    struct request *following = NULL;
    for (struct request *request = service.requests; request != NULL; request = following) {
        following = request->next;
        if (concerns(request, endpoint)) {
            finish_with(request, code);
        }
    }
}

/* --- The service thread -------------------------------------------------------- */

/* Laid out as an fd_set is, but as long as it has to be. */
struct long_set {
    u_int count;
    SOCKET sockets[];
};

static unsigned wanted_for(const struct request *request)
{
    switch (request->kind) {
    case CONNECT:
        return WRITABLE | EXCEPTIONAL;
    case RECEIVE:
        return (request->flags & MSG_OOB) != 0 ? EXCEPTIONAL : READABLE;
    case ACCEPT:
        return READABLE;
    case SEND:
    case LINGER_ON:
        return WRITABLE;
    default:
        return 0;
    }
}

/* Returns how many endpoints there are. */
static u_int gather(void)
{
    u_int count = 0;
    for (struct endpoint *each = endpoints; each != NULL; each = each->next) {
        each->want = wanted_for_notices(each) | (each->connecting ? WRITABLE | EXCEPTIONAL : 0u);
        each->got = 0;
        count++;
    }
    for (const struct request *request = service.requests; request != NULL;
         request = request->next) {
        if (request->kind != SELECT) {
            request->endpoint->want |= wanted_for(request);
            continue;
        }
        for (int set = 0; set < 3; set++) {
            for (u_int i = 0; i < request->watch->count[set]; i++) {
                request->watch->members[set][i]->want |= 1u << set;
            }
        }
    }
    return count;
}

static bool fill(struct long_set *sets[3])
{
    bool ready = false;
    for (struct endpoint *each = endpoints; each != NULL; each = each->next) {
        each->polled = each->want != 0 && each->system != INVALID_SOCKET;
        if (each->want & READABLE && (each->stashed > 0 || each->deferred != NULL)) {
            each->got |= READABLE;
            ready = true;
        }
        for (int set = 0; each->polled && set < 3; set++) {
            if (each->want & 1u << set) {
                sets[set]->sockets[sets[set]->count++] = each->system;
            }
        }
    }
    return ready;
}

static void note_ready(const struct long_set *set, unsigned readiness)
{
    for (u_int i = 0; i < set->count; i++) {
        for (struct endpoint *each = endpoints; each != NULL; each = each->next) {
            if (each->system == set->sockets[i]) {
                each->got |= readiness;
            }
        }
    }
}

static void look(struct long_set *sets[3])
{
    const bool ready = fill(sets);
    sets[0]->sockets[sets[0]->count++] = service.bell;
    struct timeval none = {0, 0};
    LeaveCriticalSection(&lock);
    const int count =
        select(0, (fd_set *)sets[0], (fd_set *)sets[1], (fd_set *)sets[2], ready ? &none : NULL);
    char rings[16];
    const int heard = recv(service.bell, rings, sizeof rings, 0);
    EnterCriticalSection(&lock);
    if (heard > 0) {
        service.rung = false;
    }
    for (unsigned set = 0; count > 0 && set < 3; set++) {
        note_ready(sets[set], 1u << set);
    }
    for (struct endpoint *each = endpoints; each != NULL; each = each->next) {
        each->polled = false;
    }
    service.turns++;
}

static bool is_ready(const struct request *request)
{
    if (request->kind != SELECT) {
        return (request->endpoint->got & wanted_for(request)) != 0;
    }
    for (unsigned set = 0; set < 3; set++) {
        for (u_int i = 0; i < request->watch->count[set]; i++) {
            if (request->watch->members[set][i]->got & 1u << set) {
                return true;
            }
        }
    }
    return false;
}

static void deliver(void)
{
    struct request *following = NULL;
    for (struct request *request = service.requests; request != NULL; request = following) {
        following = request->next;
        if (is_ready(request) && !is_preceded(request) && attempt(request)) {
            finish(request);
        }
    }
    for (struct endpoint *each = endpoints; each != NULL; each = each->next) {
        if (each->got != 0 && each->system != INVALID_SOCKET) {
            settle_connect(each);
            tell_of(each);
        }
    }
}

static DWORD WINAPI serve(LPVOID unused)
{
    (void)unused;
    EnterCriticalSection(&lock);
    while (!service.stopping) {
        const u_int count = gather();
        struct long_set *sets[3];
        for (int set = 0; set < 3; set++) {
            sets[set] = calloc(1, sizeof(struct long_set) + (count + 1) * sizeof(SOCKET));
        }
        look(sets);
        WakeAllConditionVariable(&service.turned);
        deliver();
        for (int set = 0; set < 3; set++) {
            free(sets[set]);
        }
    }
    LeaveCriticalSection(&lock);
    return 0;
}

static SOCKET make_bell(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int length = sizeof name;
    u_long on = 1;
    const SOCKET bell = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    if (bind(bell, (const struct sockaddr *)&name, sizeof name) != 0 ||
        getsockname(bell, (struct sockaddr *)&name, &length) != 0 ||
        connect(bell, (const struct sockaddr *)&name, length) != 0 ||
        ioctlsocket(bell, (long)FIONBIO, &on) != 0) {
        closesocket(bell);
        return INVALID_SOCKET;
    }
    return bell;
}

static bool start_service(void)
{
    if (service.thread != NULL) {
        return true;
    }
    service.stopping = false;
    service.rung = false;
    service.bell = make_bell();
    if (service.bell != INVALID_SOCKET) {
        service.thread = CreateThread(NULL, 0, serve, NULL, 0, NULL);
    }
    return service.thread != NULL;
}

int look_after_notices(void)
{
    if (!start_service()) {
        return WSAENOBUFS;
    }
    ring();
    return 0;
}

void look_away(struct endpoint *endpoint)
{
    const unsigned turn = service.turns;
    while (endpoint->polled && service.turns == turn) {
        ring();
        SleepConditionVariableCS(&service.turned, &lock, INFINITE);
    }
}

/* --- Waiting ------------------------------------------------------------------- */

static void spoil(struct endpoint *endpoint)
{
    endpoint->spent = WSAECONNABORTED;
    end_requests(endpoint, WSAECONNABORTED);
}

int cancel_newest(void)
{
    EnterCriticalSection(&lock);
    struct request *request = TlsGetValue(service.slot);
    const bool outstanding = request != NULL && !request->finished;
    if (outstanding) {
        const bool damaged =
            request->kind == CONNECT || (request->kind == SEND && request->bytes > 0);
        request->cancelled = true;
        end_wait(request, WSAEINTR);
        if (damaged) {
            spoil(request->endpoint);
        }
    }
    LeaveCriticalSection(&lock);
    return outstanding ? 0 : WSAEINVAL;
}

static bool is_settled(struct request *request, ULONGLONG deadline)
{
    EnterCriticalSection(&lock);
    if (!request->finished && request->kind == CONTROL &&
        WaitForSingleObject(request->pending.hEvent, 0) == WAIT_OBJECT_0) {
        request->error = 0;
        settle(request);
    }
    if (!request->finished && deadline != 0 && GetTickCount64() >= deadline) {
        end_wait(request, WSAETIMEDOUT);
    }
    const bool settled = request->finished;
    LeaveCriticalSection(&lock);
    return settled;
}

static DWORD time_left(ULONGLONG deadline, DWORD at_most)
{
    if (deadline == 0) {
        return at_most;
    }
    const ULONGLONG now = GetTickCount64();
    const ULONGLONG left = deadline > now ? deadline - now : 0;
    return left < at_most ? (DWORD)left : at_most;
}

static void wait_out(struct request *request, ULONGLONG deadline)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int error = 0;
    if (upcalls.lpWPUQueryBlockingCallback(request->endpoint->entry.dwCatalogEntryId, &callback,
                                           &context, &error) != 0) {
        callback = NULL;
    }
    const HANDLE signals[] = {request->wake, request->pending.hEvent};
    const DWORD count = request->kind == CONTROL ? 2 : 1;
    while (!is_settled(request, deadline)) {
        const DWORD pause = time_left(deadline, callback != NULL ? PULSE_MS : INFINITE);
        WaitForMultipleObjectsEx(count, signals, FALSE, pause, TRUE);
        if (callback != NULL && !is_settled(request, deadline)) {
            callback(context);
        }
    }
}

static void wait_for(struct request *request, DWORD patience)
{
    hold(request->endpoint);
    request->wake = CreateEventW(NULL, TRUE, FALSE, NULL);
    request->outer = TlsGetValue(service.slot);
    TlsSetValue(service.slot, request);
    service.waiting++;
    enqueue(request);
    ring();
    LeaveCriticalSection(&lock);
    wait_out(request, patience != 0 ? GetTickCount64() + patience : 0);
    EnterCriticalSection(&lock);
    service.waiting--;
    TlsSetValue(service.slot, request->outer);
    CloseHandle(request->wake);
    if (request->endpoint->spent != 0) {
        close_system(request->endpoint, true);
    }
    release(request->endpoint);
    WakeAllConditionVariable(&service.completed);
}

int perform(struct request *request, bool blocking, DWORD patience)
{
    if (!is_preceded(request) && attempt(request)) {
        return request->error;
    }
    if (!blocking) {
        const bool partly = request->kind == SEND && request->bytes > 0;
        if (request->endpoint->connecting) {
            start_service();
            ring();
        }
        return partly ? 0 : WSAEWOULDBLOCK;
    }
    if (!start_service()) {
        return WSAENOBUFS;
    }
    wait_for(request, patience);
    return request->error;
}

int perform_later(struct request *request, DWORD *bytes)
{
    hold(request->endpoint);
    WSAOVERLAPPED *overlapped = request->overlapped;
    overlapped->Internal = WSS_OPERATION_IN_PROGRESS;
    int error = 0;
    if (overlapped->hEvent != NULL && request->routine == NULL) {
        upcalls.lpWPUResetEvent(overlapped->hEvent, &error);
    }
    if (!is_preceded(request) && attempt(request)) {
        const int code = request->error;
        if (code == 0) {
            *bytes = request->bytes;
            finish(request);
        } else {
            note_result(request);
            free_overlapped(request);
        }
        return code;
    }
    if (!start_service()) {
        free_overlapped(request);
        return WSAENOBUFS;
    }
    enqueue(request);
    ring();
    return WSA_IO_PENDING;
}

void await_overlapped(const WSAOVERLAPPED *overlapped)
{
    while (((const volatile WSAOVERLAPPED *)overlapped)->Internal == WSS_OPERATION_IN_PROGRESS &&
           starts > 0) {
        SleepConditionVariableCS(&service.completed, &lock, INFINITE);
    }
}

/* --- The end ------------------------------------------------------------------- */

static void end_everything(void)
{
    while (service.requests != NULL) {
        struct request *request = service.requests;
        if (request->overlapped == NULL) {
            finish_with(request, WSANOTINITIALISED);
            continue;
        }
        unlink_request(request);
        request->error = WSA_OPERATION_ABORTED;
        request->bytes = 0;
        note_result(request);
        free_overlapped(request);
    }
}

static unsigned own_calls(void)
{
    unsigned count = 0;
    for (const struct request *each = TlsGetValue(service.slot); each != NULL; each = each->outer) {
        count++;
    }
    return count;
}

void stop_service(void)
{
    end_everything();
    service.stopping = true;
    ring();
    HANDLE thread = service.thread;
    LeaveCriticalSection(&lock);
    if (thread != NULL) {
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
        closesocket(service.bell);
    }
    EnterCriticalSection(&lock);
    service.thread = NULL;
    while (endpoints != NULL) {
        discard(endpoints, true);
    }
    const ULONGLONG deadline = GetTickCount64() + LEAVING_MS;
    while (service.waiting > own_calls() && time_left(deadline, LEAVING_MS) > 0) {
        SleepConditionVariableCS(&service.completed, &lock, time_left(deadline, LEAVING_MS));
    }
}
