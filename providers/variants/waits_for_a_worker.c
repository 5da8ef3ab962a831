#include "variants/support/leaving.h"

#include "reference/network.h"
#include "reference/sockets.h"

/*
 * Each blocking call is done by a thread of the provider's own, while the client's thread lets its
 * callback run, or lies in a wait that no APC gets into. So a call may well complete while the
 * callback cancels it; then it has completed.
 */
struct job {
    HANDLE blocked; /* set once it could not finish at once */
    HANDLE done;
    volatile LONG cancelled;
    DWORD catalog; /* for which entry the callback is to be asked for */

    SOCKET (*work)(const struct job *job, LPINT error);
    SOCKET s;
    struct sockaddr *name;
    LPINT name_length;
    const struct sockaddr *to;
    int to_length;
    LPWSABUF buffers;
    DWORD count;
    LPDWORD transferred;
    LPDWORD flags;
    DWORD send_flags;
    LPWSABUF data[2];
    LPQOS qos[2];
    fd_set *sets[3];
    const struct timeval *timeout;
    LPVOID in;
    LPVOID out;
    DWORD in_size;
    DWORD out_size;

    SOCKET returned;
    int error;
};

/* Of the client's thread: the jobs in whose callbacks it is. */
struct asking {
    struct asking *outer;
    struct job *job;
    bool in_callback;
};

enum { TURN = 15 };

static WSPPROC_TABLE beneath;
static WSPUPCALLTABLE above;
static DWORD job_slot = TLS_OUT_OF_INDEXES;
static DWORD asking_slot = TLS_OUT_OF_INDEXES;
static volatile LONG starts;

/* The worker's turn. */
static BOOL CALLBACK look_at_cancel(DWORD_PTR context)
{
    struct job *job = (struct job *)context;
    int error;

    if (InterlockedCompareExchange(&job->cancelled, 0, 0) != 0) {
        reference.lpWSPCancelBlockingCall(&error);
    }
    return TRUE;
}

static int WSPAPI query(DWORD catalog, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context,
                        LPINT error)
{
    struct job *job = TlsGetValue(job_slot);

    if (job == NULL) {
        return above.lpWPUQueryBlockingCallback(catalog, callback, context, error);
    }
    job->catalog = catalog;
    *callback = look_at_cancel;
    *context = (DWORD_PTR)job;
    SetEvent(job->blocked);
    return 0;
}

static DWORD WINAPI worker(void *context)
{
    struct job *job = context;

    TlsSetValue(job_slot, job);
    job->returned = job->work(job, &job->error);
    SetEvent(job->done);
    return 0;
}

/* On the client's thread. True once the job is done. */
static bool call_back_until_done(struct job *job)
{
    struct asking asking = {.outer = TlsGetValue(asking_slot), .job = job};
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR data = 0;
    int error;

    if (client.lpWPUQueryBlockingCallback(job->catalog, &callback, &data, &error) != 0 ||
        callback == NULL) {
        return false;
    }
    TlsSetValue(asking_slot, &asking);
    do {
        asking.in_callback = true;
        callback(data);
        asking.in_callback = false;
    } while (job->cancelled == 0 && WaitForSingleObject(job->done, TURN) == WAIT_TIMEOUT);
    TlsSetValue(asking_slot, asking.outer);
    return true;
}

static SOCKET run(struct job *job, LPINT error)
{
    HANDLE thread = NULL;

    layer_entered();
    job->blocked = CreateEventW(NULL, TRUE, FALSE, NULL);
    job->done = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (job->blocked != NULL && job->done != NULL) {
        thread = CreateThread(NULL, 0, worker, job, 0, NULL);
    }
    if (thread != NULL) {
        HANDLE either[2] = {job->done, job->blocked};

        if (WaitForMultipleObjects(2, either, FALSE, INFINITE) != WAIT_OBJECT_0) {
            call_back_until_done(job);
        }
        WaitForSingleObject(job->done, INFINITE);
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
    } else {
        job->returned = INVALID_SOCKET;
        job->error = WSAENOBUFS;
    }
    if (job->blocked != NULL) {
        CloseHandle(job->blocked);
    }
    if (job->done != NULL) {
        CloseHandle(job->done);
    }
    if (job->error != 0) {
        *error = job->error;
    }
    layer_left();
    return job->returned;
}

static int WSPAPI cancel(LPINT error)
{
    struct asking *asking = TlsGetValue(asking_slot);

    while (asking != NULL && !asking->in_callback) {
        asking = asking->outer;
    }
    if (asking == NULL || network_is_down()) {
        return beneath.lpWSPCancelBlockingCall(error);
    }
    InterlockedExchange(&asking->job->cancelled, 1);
    return 0;
}

static SOCKET work_accept(const struct job *job, LPINT error)
{
    return beneath.lpWSPAccept(job->s, job->name, job->name_length, NULL, 0, error);
}

/* The condition function is the client's thread's. */
static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    struct job job = {.work = work_accept, .s = s, .name = address, .name_length = length};

    return condition != NULL ? beneath.lpWSPAccept(s, address, length, condition, data, error)
                             : run(&job, error);
}

static SOCKET work_connect(const struct job *job, LPINT error)
{
    return (SOCKET)(INT_PTR)beneath.lpWSPConnect(job->s, job->to, job->to_length, job->data[0],
                                                 job->data[1], job->qos[0], job->qos[1], error);
}

static int WSPAPI connect_to(SOCKET s, const struct sockaddr *to, int length, LPWSABUF caller,
                             LPWSABUF callee, LPQOS qos, LPQOS group_qos, LPINT error)
{
    struct job job = {.work = work_connect,
                      .s = s,
                      .to = to,
                      .to_length = length,
                      .data = {caller, callee},
                      .qos = {qos, group_qos}};

    return (int)(INT_PTR)run(&job, error);
}

static SOCKET work_receive(const struct job *job, LPINT error)
{
    return (SOCKET)(INT_PTR)beneath.lpWSPRecvFrom(job->s, job->buffers, job->count,
                                                  job->transferred, job->flags, job->name,
                                                  job->name_length, NULL, NULL, NULL, error);
}

/* An overlapped structure is ignored where the socket is not made for it. */
static bool is_overlapped(SOCKET handle, const WSAOVERLAPPED *overlapped)
{
    struct socket *socket;
    bool is = false;

    if (overlapped != NULL && sockets_acquire(handle, &socket) == 0) {
        is = socket->traits.overlapped;
        sockets_release(socket);
    }
    return is;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    struct job job = {.work = work_receive,
                      .s = s,
                      .buffers = buffers,
                      .count = count,
                      .transferred = received,
                      .flags = flags,
                      .name = from,
                      .name_length = length};

    if (is_overlapped(s, overlapped)) {
        return beneath.lpWSPRecvFrom(s, buffers, count, received, flags, from, length, overlapped,
                                     routine, thread, error);
    }
    return (int)(INT_PTR)run(&job, error);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    return receive_from(s, buffers, count, received, flags, NULL, NULL, overlapped, routine, thread,
                        error);
}

static SOCKET work_send(const struct job *job, LPINT error)
{
    return (SOCKET)(INT_PTR)beneath.lpWSPSendTo(job->s, job->buffers, job->count, job->transferred,
                                                job->send_flags, job->to, job->to_length, NULL,
                                                NULL, NULL, error);
}

static int WSPAPI send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          const struct sockaddr *to, int length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    struct job job = {.work = work_send,
                      .s = s,
                      .buffers = buffers,
                      .count = count,
                      .transferred = sent,
                      .send_flags = flags,
                      .to = to,
                      .to_length = length};

    if (is_overlapped(s, overlapped)) {
        return beneath.lpWSPSendTo(s, buffers, count, sent, flags, to, length, overlapped, routine,
                                   thread, error);
    }
    return (int)(INT_PTR)run(&job, error);
}

static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    return send_to(s, buffers, count, sent, flags, NULL, 0, overlapped, routine, thread, error);
}

static SOCKET work_select(const struct job *job, LPINT error)
{
    return (SOCKET)(INT_PTR)beneath.lpWSPSelect(0, job->sets[0], job->sets[1], job->sets[2],
                                                (const PTIMEVAL)job->timeout, error);
}

static int WSPAPI select_some(int ignored, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    struct job job = {.work = work_select, .sets = {read, write, except}, .timeout = timeout};

    (void)ignored;
    return (int)(INT_PTR)run(&job, error);
}

static SOCKET work_control(const struct job *job, LPINT error)
{
    return (SOCKET)(INT_PTR)beneath.lpWSPIoctl(job->s, job->send_flags, job->in, job->in_size,
                                               job->out, job->out_size, job->transferred, NULL,
                                               NULL, NULL, error);
}

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    struct job job = {.work = work_control,
                      .s = s,
                      .send_flags = code,
                      .in = in,
                      .in_size = in_size,
                      .out = out,
                      .out_size = out_size,
                      .transferred = returned_size};

    if (code == (DWORD)FIONBIO || is_overlapped(s, overlapped)) {
        return beneath.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size, overlapped,
                                  routine, thread, error);
    }
    return (int)(INT_PTR)run(&job, error);
}

/* From a callback of this very thread the last one would wait for itself. */
static int WSPAPI clean_up(LPINT error)
{
    int returned;

    if (starts == 1 && TlsGetValue(asking_slot) != NULL) {
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    returned = beneath.lpWSPCleanup(error);
    if (returned == 0) {
        InterlockedDecrement(&starts);
        wait_for_layer();
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    if (job_slot == TLS_OUT_OF_INDEXES) {
        job_slot = TlsAlloc();
        asking_slot = TlsAlloc();
    }
    above = *upcalls;
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPAccept = accept_one;
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPCleanup = clean_up;
    table->lpWSPConnect = connect_to;
    table->lpWSPIoctl = control;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSelect = select_some;
    table->lpWSPSend = send_some;
    table->lpWSPSendTo = send_to;
}

/* In version 1.1 a callback may make no call at all, which is not for a provider of threads. */
static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    int error = LOBYTE(version) < 2 ? WSAVERNOTSUPPORTED
                                    : layer_startup(version, data, info, upcalls, table);

    if (error == 0) {
        InterlockedIncrement(&starts);
    }
    return error;
}

const struct variant variant = {
    .requirement = "RACE-01",
    .why_allowed = "a cancel may return success although the call completes before it is "
                   "cancelled (S22), which then succeeds as if nothing had been (S23); an APC need "
                   "not run before the end of a native wait (CBC-23); threads on demand are "
                   "allowed (STARTUP-07)",
    .touches = "race/* cancel/* accept/* thread/* startup/* overlapped/*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
    .start = start,
};
