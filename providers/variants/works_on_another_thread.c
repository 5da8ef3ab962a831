#include "variants/support/variant.h"

#include <string.h>

/*
 * The operation itself is done by a thread of the provider's, while the client's thread runs the
 * callback. The provider beneath is made to wait on that thread; its callback there looks whether
 * the client has cancelled.
 */
enum { TURN_MS = 20 };

struct job {
    struct job *outer; /* of the client's thread */
    void (*perform)(struct job *job);
    const void *input;
    INT_PTR returned;
    int error;
    HANDLE blocks; /* the operation cannot be finished at once */
    HANDLE done;
    DWORD catalog;
    volatile LONG cancelled;
};

static DWORD job_of_client = TLS_OUT_OF_INDEXES;
static DWORD job_of_worker = TLS_OUT_OF_INDEXES;

/* The callback that the provider beneath gets on the worker. */
static BOOL CALLBACK look_for_cancel(DWORD_PTR context)
{
    struct job *job = (struct job *)context;

    SetEvent(job->blocks);
    if (job->cancelled) {
        variant_cancel();
    }
    return TRUE;
}

static int WSPAPI query(DWORD catalog, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context,
                        LPINT error)
{
    struct job *job = TlsGetValue(job_of_worker);

    if (job == NULL) {
        return client.lpWPUQueryBlockingCallback(catalog, callback, context, error);
    }
    job->catalog = catalog;
    *callback = look_for_cancel;
    *context = (DWORD_PTR)job;
    return 0;
}

static DWORD WINAPI work(void *argument)
{
    struct job *job = argument;

    TlsSetValue(job_of_worker, job);
    job->perform(job);
    SetEvent(job->done);
    return 0;
}

/* On the client's thread, while the worker waits. */
static void call_back_until_done(struct job *job)
{
    HANDLE either[] = {job->done, job->blocks};
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int error;

    if (WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0) {
        return;
    }
    TlsSetValue(job_of_client, job);
    if (client.lpWPUQueryBlockingCallback(job->catalog, &callback, &context, &error) != 0) {
        callback = NULL;
    }
    do {
        if (callback != NULL && !job->cancelled) {
            callback(context);
        }
    } while (WaitForSingleObjectEx(job->done, callback != NULL ? TURN_MS : INFINITE, TRUE) !=
             WAIT_OBJECT_0);
    TlsSetValue(job_of_client, job->outer);
}

static INT_PTR do_elsewhere(void (*perform)(struct job *), const void *input, LPINT error)
{
    struct job job = {
        .outer = TlsGetValue(job_of_client),
        .perform = perform,
        .input = input,
        .blocks = CreateEventW(NULL, TRUE, FALSE, NULL),
        .done = CreateEventW(NULL, TRUE, FALSE, NULL),
    };
    HANDLE worker = CreateThread(NULL, 0, work, &job, 0, NULL);

    if (worker != NULL) {
        call_back_until_done(&job);
        WaitForSingleObject(worker, INFINITE);
        CloseHandle(worker);
    } else {
        perform(&job);
    }
    CloseHandle(job.blocks);
    CloseHandle(job.done);
    if (job.error != 0 && error != NULL) {
        *error = job.error;
    }
    return job.returned;
}

/*
 * One entry: its parameters, the same as members of a struct, how they are packed into it, and the
 * call with them. The result stands in `*error` only if it was set.
 */
#define ELSEWHERE(name, type, parameters, members, packed, arguments)                              \
    struct name##_arguments members;                                                               \
                                                                                                   \
    static void name##_perform(struct job *job)                                                    \
    {                                                                                              \
        const struct name##_arguments *a = job->input;                                             \
        LPINT error = &job->error;                                                                 \
        job->returned = (INT_PTR)reference.lp##name arguments;                                     \
    }                                                                                              \
                                                                                                   \
    static type WSPAPI name##_elsewhere parameters                                                 \
    {                                                                                              \
        struct name##_arguments a = packed;                                                        \
        return (type)do_elsewhere(name##_perform, &a, error);                                      \
    }

#define PACKED(...)                                                                                \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

ELSEWHERE(
    WSPConnect, int,
    (SOCKET s, const struct sockaddr *to, int length, LPWSABUF caller, LPWSABUF callee, LPQOS qos,
     LPQOS group_qos, LPINT error),
    {
        SOCKET s;
        const struct sockaddr *to;
        int length;
        LPWSABUF caller;
        LPWSABUF callee;
        LPQOS qos;
        LPQOS group_qos;
    },
    PACKED(s, to, length, caller, callee, qos, group_qos),
    (a->s, a->to, a->length, a->caller, a->callee, a->qos, a->group_qos, error))

ELSEWHERE(
    WSPSelect, int,
    (int ignored, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout, LPINT error),
    {
        int ignored;
        fd_set *read;
        fd_set *write;
        fd_set *except;
        PTIMEVAL timeout;
    },
    PACKED(ignored, read, write, except, timeout),
    (a->ignored, a->read, a->write, a->except, a->timeout, error))

ELSEWHERE(
    WSPRecvFrom, int,
    (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
     struct sockaddr *from, LPINT length, LPWSAOVERLAPPED overlapped,
     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, LPINT error),
    {
        SOCKET s;
        LPWSABUF buffers;
        DWORD count;
        LPDWORD received;
        LPDWORD flags;
        struct sockaddr *from;
        LPINT length;
        LPWSAOVERLAPPED overlapped;
        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
        LPWSATHREADID thread;
    },
    PACKED(s, buffers, count, received, flags, from, length, overlapped, routine, thread),
    (a->s, a->buffers, a->count, a->received, a->flags, a->from, a->length, a->overlapped,
     a->routine, a->thread, error))

ELSEWHERE(
    WSPSendTo, int,
    (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags, const struct sockaddr *to,
     int length, LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
     LPWSATHREADID thread, LPINT error),
    {
        SOCKET s;
        LPWSABUF buffers;
        DWORD count;
        LPDWORD sent;
        DWORD flags;
        const struct sockaddr *to;
        int length;
        LPWSAOVERLAPPED overlapped;
        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
        LPWSATHREADID thread;
    },
    PACKED(s, buffers, count, sent, flags, to, length, overlapped, routine, thread),
    (a->s, a->buffers, a->count, a->sent, a->flags, a->to, a->length, a->overlapped, a->routine,
     a->thread, error))

ELSEWHERE(
    WSPAccept, SOCKET,
    (SOCKET s, struct sockaddr *address, LPINT length, LPCONDITIONPROC condition, DWORD_PTR data,
     LPINT error),
    {
        SOCKET s;
        struct sockaddr *address;
        LPINT length;
        LPCONDITIONPROC condition;
        DWORD_PTR data;
    },
    PACKED(s, address, length, condition, data),
    (a->s, a->address, a->length, a->condition, a->data, error))

/* An overlapped operation is not to outlive the thread that began it, and a worker ends with its
 * call; so the client's own thread begins it. */
static int WSPAPI receive_somewhere(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                    LPDWORD flags, struct sockaddr *from, LPINT length,
                                    LPWSAOVERLAPPED overlapped,
                                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                    LPWSATHREADID thread, LPINT error)
{
    return (overlapped != NULL ? reference.lpWSPRecvFrom : WSPRecvFrom_elsewhere)(
        s, buffers, count, received, flags, from, length, overlapped, routine, thread, error);
}

static int WSPAPI send_somewhere(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                                 const struct sockaddr *to, int length, LPWSAOVERLAPPED overlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                 LPINT error)
{
    return (overlapped != NULL ? reference.lpWSPSendTo : WSPSendTo_elsewhere)(
        s, buffers, count, sent, flags, to, length, overlapped, routine, thread, error);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    return receive_somewhere(s, buffers, count, received, flags, NULL, NULL, overlapped, routine,
                             thread, error);
}

static int WSPAPI send_whole(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                             LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    return send_somewhere(s, buffers, count, sent, flags, NULL, 0, overlapped, routine, thread,
                          error);
}

/* A condition function has to run on the client's thread, so such an accept stays there. */
static SOCKET WSPAPI accept_somewhere(SOCKET s, struct sockaddr *address, LPINT length,
                                      LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    return condition != NULL ? reference.lpWSPAccept(s, address, length, condition, data, error)
                             : WSPAccept_elsewhere(s, address, length, condition, data, error);
}

static int WSPAPI cancel(LPINT error)
{
    struct job *job = TlsGetValue(job_of_client);

    if (job == NULL) {
        return reference.lpWSPCancelBlockingCall(error);
    }
    InterlockedExchange(&job->cancelled, 1);
    return 0;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    if (job_of_client == TLS_OUT_OF_INDEXES) {
        job_of_client = TlsAlloc();
        job_of_worker = TlsAlloc();
    }
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    *table = reference;
    table->lpWSPAccept = accept_somewhere;
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPConnect = WSPConnect_elsewhere;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_somewhere;
    table->lpWSPSelect = WSPSelect_elsewhere;
    table->lpWSPSend = send_whole;
    table->lpWSPSendTo = send_somewhere;
}

/* Version 1.1 would have it refuse calls made in the callback, of whose job no other thread knows.
 */
static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    return LOBYTE(version) < 2 ? WSAVERNOTSUPPORTED
                               : layer_startup(version, data, info, upcalls, table);
}

const struct variant variant = {
    .requirement = "BHK-05",
    .why_allowed = "the callback has to run on the client's thread; where the work is done is the "
                   "provider's own affair",
    .touches = "cancel/ends_the_blocked_call/*_ipv4 "
               "thread/cancel_ends_its_own_call/accept_beside_select_ipv4 "
               "callback/may_be_absent/recv_ipv4 "
               "cancel/ends_no_call_before_its_callback/accept_ipv4 "
               "race/completed_call_is_not_cancelled/recv_ipv4 overlapped/*_ipv4 "
               "nested/version_1_1_allows_none/*",
    .start = start,
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
