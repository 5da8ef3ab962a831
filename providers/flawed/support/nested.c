#include "flawed/support/nested.h"

#include <stdlib.h>

struct thread {
    LPBLOCKINGCALLBACK callback;
    unsigned depth;
    unsigned calls;
};

static DWORD slot = TLS_OUT_OF_INDEXES;
static int (*refuse_call)(void);

static struct thread *this_thread(void)
{
    struct thread *thread = TlsGetValue(slot);

    if (thread == NULL) {
        thread = calloc(1, sizeof *thread);
        TlsSetValue(slot, thread);
    }
    return thread;
}

static BOOL CALLBACK watched(DWORD_PTR context)
{
    struct thread *thread = this_thread();
    BOOL answer;

    thread->depth++;
    answer = thread->callback(context);
    thread->depth--;
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    struct thread *thread = this_thread();
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        thread->callback = *callback;
        *callback = watched;
        thread->calls = thread->depth > 0 ? thread->calls : 0;
    }
    return returned;
}

void watch_callbacks(WSPUPCALLTABLE *upcalls)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    upcalls->lpWPUQueryBlockingCallback = query;
}

bool is_in_callback(void)
{
    return this_thread()->depth > 0;
}

unsigned nested_calls(void)
{
    return this_thread()->calls;
}

/* The error with which a call fails that is made just now; 0 if it goes its way. */
static int refusal(void)
{
    if (!is_in_callback()) {
        return 0;
    }
    this_thread()->calls++;
    return refuse_call != NULL ? refuse_call() : 0;
}

/* EACH(result, entry, failure, parameters with their types, the same without) */
#define EACH(X)                                                                                    \
    X(int, WSPGetSockName, SOCKET_ERROR,                                                           \
      (SOCKET s, struct sockaddr * name, LPINT length, LPINT error), (s, name, length, error))     \
    X(int, WSPGetSockOpt, SOCKET_ERROR,                                                            \
      (SOCKET s, int level, int option, char *value, LPINT size, LPINT error),                     \
      (s, level, option, value, size, error))                                                      \
    X(int, WSPSelect, SOCKET_ERROR,                                                                \
      (int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,             \
       LPINT error),                                                                               \
      (count, read, write, except, timeout, error))                                                \
    X(int, WSPSend, SOCKET_ERROR,                                                                  \
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,                         \
       LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,                     \
       LPWSATHREADID thread, LPINT error),                                                         \
      (s, buffers, count, sent, flags, overlapped, routine, thread, error))                        \
    X(int, WSPSendTo, SOCKET_ERROR,                                                                \
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,                         \
       const struct sockaddr *to, int to_length, LPWSAOVERLAPPED overlapped,                       \
       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, LPINT error),             \
      (s, buffers, count, sent, flags, to, to_length, overlapped, routine, thread, error))         \
    X(int, WSPRecv, SOCKET_ERROR,                                                                  \
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,                   \
       LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,                     \
       LPWSATHREADID thread, LPINT error),                                                         \
      (s, buffers, count, received, flags, overlapped, routine, thread, error))                    \
    X(SOCKET, WSPSocket, INVALID_SOCKET,                                                           \
      (int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags,     \
       LPINT error),                                                                               \
      (family, type, protocol, info, group, flags, error))                                         \
    X(int, WSPCloseSocket, SOCKET_ERROR, (SOCKET s, LPINT error), (s, error))

#define DEFINE(result, entry, failure, parameters, arguments)                                      \
    static result WSPAPI nested_##entry parameters                                                 \
    {                                                                                              \
        int refused = refusal();                                                                   \
        if (refused != 0) {                                                                        \
            *error = refused;                                                                      \
            return failure;                                                                        \
        }                                                                                          \
        return reference.lp##entry arguments;                                                      \
    }
EACH(DEFINE)

void wrap_nested_calls(WSPPROC_TABLE *table, int (*refuse)(void))
{
    refuse_call = refuse;
#define WRAP(result, entry, failure, parameters, arguments) table->lp##entry = nested_##entry;
    EACH(WRAP)
}
