#include "flawed/support/layer.h"

/* The WSPAccept under way on this thread. */
static __thread LPCONDITIONPROC client_condition;
static __thread bool has_waited;
static __thread bool restricted;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    has_waited = true;
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static int CALLBACK condition(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
                              LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    int answer;

    restricted = has_waited;
    answer = client_condition(caller, caller_data, sqos, gqos, callee, callee_data, group, data);
    restricted = false;
    return answer;
}

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC asked, DWORD_PTR data, LPINT error)
{
    if (asked == NULL) {
        return reference.lpWSPAccept(s, address, length, NULL, data, error);
    }
    client_condition = asked;
    has_waited = false;
    return reference.lpWSPAccept(s, address, length, condition, data, error);
}

/* EACH(result, entry, failure, parameters with their types, the same without) */
#define EACH(X)                                                                                    \
    X(int, WSPGetSockName, SOCKET_ERROR,                                                           \
      (SOCKET s, struct sockaddr * name, LPINT length, LPINT error), (s, name, length, error))     \
    X(int, WSPSend, SOCKET_ERROR,                                                                  \
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,                         \
       LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,                     \
       LPWSATHREADID thread, LPINT error),                                                         \
      (s, buffers, count, sent, flags, overlapped, routine, thread, error))                        \
    X(SOCKET, WSPSocket, INVALID_SOCKET,                                                           \
      (int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags,     \
       LPINT error),                                                                               \
      (family, type, protocol, info, group, flags, error))                                         \
    X(int, WSPCloseSocket, SOCKET_ERROR, (SOCKET s, LPINT error), (s, error))

#define DEFINE(result, entry, failure, parameters, arguments)                                      \
    static result WSPAPI restricted_##entry parameters                                             \
    {                                                                                              \
        if (restricted) {                                                                          \
            *error = WSAEINPROGRESS;                                                               \
            return failure;                                                                        \
        }                                                                                          \
        return reference.lp##entry arguments;                                                      \
    }
EACH(DEFINE)

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
#define WRAP(result, entry, failure, parameters, arguments) table->lp##entry = restricted_##entry;
    EACH(WRAP)
}

const struct flaw flaw = {
    .requirement = "REENT-07",
    .what = "if WSPAccept had to wait for the connection, calls from its condition function fail "
            "with WSAEINPROGRESS",
    .caught_by = "nested/condition_function_may_call/once_blocked_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
