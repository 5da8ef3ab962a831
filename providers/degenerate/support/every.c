#include "degenerate/support/every.h"

#include <string.h>

static DWORD catalog_entry;
static struct answer (*answer_of)(struct every_call);
static void (*act_first)(const char *name);
static WSPPROC_TABLE beneath;

/*
 * EACH(result, entry, failure, socket, parameters with their types, the same without): socket is
 * the argument that is one, or 0. lpErrno is the last of each.
 */
#define EACH(X)                                                                                    \
    X(SOCKET, WSPAccept, INVALID_SOCKET, s,                                                        \
      (SOCKET s, struct sockaddr * name, LPINT length, LPCONDITIONPROC condition, DWORD_PTR data,  \
       LPINT error),                                                                               \
      (s, name, length, condition, data, error))                                                   \
    X(INT, WSPAddressToString, SOCKET_ERROR, 0,                                                    \
      (LPSOCKADDR name, DWORD length, LPWSAPROTOCOL_INFOW info, LPWSTR text, LPDWORD size,         \
       LPINT error),                                                                               \
      (name, length, info, text, size, error))                                                     \
    X(int, WSPAsyncSelect, SOCKET_ERROR, s,                                                        \
      (SOCKET s, HWND window, unsigned message, long events, LPINT error),                         \
      (s, window, message, events, error))                                                         \
    X(int, WSPBind, SOCKET_ERROR, s,                                                               \
      (SOCKET s, const struct sockaddr *name, int length, LPINT error), (s, name, length, error))  \
    X(int, WSPCancelBlockingCall, SOCKET_ERROR, 0, (LPINT error), (error))                         \
    X(int, WSPCleanup, SOCKET_ERROR, 0, (LPINT error), (error))                                    \
    X(int, WSPCloseSocket, SOCKET_ERROR, s, (SOCKET s, LPINT error), (s, error))                   \
    X(int, WSPConnect, SOCKET_ERROR, s,                                                            \
      (SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller, LPWSABUF callee,        \
       LPQOS sqos, LPQOS gqos, LPINT error),                                                       \
      (s, name, length, caller, callee, sqos, gqos, error))                                        \
    X(int, WSPDuplicateSocket, SOCKET_ERROR, s,                                                    \
      (SOCKET s, DWORD process, LPWSAPROTOCOL_INFOW info, LPINT error), (s, process, info, error)) \
    X(int, WSPEnumNetworkEvents, SOCKET_ERROR, s,                                                  \
      (SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events, LPINT error),                          \
      (s, event, events, error))                                                                   \
    X(int, WSPEventSelect, SOCKET_ERROR, s, (SOCKET s, WSAEVENT event, long events, LPINT error),  \
      (s, event, events, error))                                                                   \
    X(BOOL, WSPGetOverlappedResult, FALSE, s,                                                      \
      (SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD bytes, BOOL wait, LPDWORD flags,              \
       LPINT error),                                                                               \
      (s, overlapped, bytes, wait, flags, error))                                                  \
    X(int, WSPGetPeerName, SOCKET_ERROR, s,                                                        \
      (SOCKET s, struct sockaddr * name, LPINT length, LPINT error), (s, name, length, error))     \
    X(int, WSPGetSockName, SOCKET_ERROR, s,                                                        \
      (SOCKET s, struct sockaddr * name, LPINT length, LPINT error), (s, name, length, error))     \
    X(int, WSPGetSockOpt, SOCKET_ERROR, s,                                                         \
      (SOCKET s, int level, int option, char *value, LPINT size, LPINT error),                     \
      (s, level, option, value, size, error))                                                      \
    X(BOOL, WSPGetQOSByName, FALSE, s, (SOCKET s, LPWSABUF name, LPQOS qos, LPINT error),          \
      (s, name, qos, error))                                                                       \
    X(int, WSPIoctl, SOCKET_ERROR, s,                                                              \
      (SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,                 \
       LPDWORD returned, LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,   \
       LPWSATHREADID thread, LPINT error),                                                         \
      (s, code, in, in_size, out, out_size, returned, overlapped, routine, thread, error))         \
    X(SOCKET, WSPJoinLeaf, INVALID_SOCKET, s,                                                      \
      (SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller, LPWSABUF callee,        \
       LPQOS sqos, LPQOS gqos, DWORD flags, LPINT error),                                          \
      (s, name, length, caller, callee, sqos, gqos, flags, error))                                 \
    X(int, WSPListen, SOCKET_ERROR, s, (SOCKET s, int backlog, LPINT error), (s, backlog, error))  \
    X(int, WSPRecv, SOCKET_ERROR, s,                                                               \
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,                   \
       LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,                     \
       LPWSATHREADID thread, LPINT error),                                                         \
      (s, buffers, count, received, flags, overlapped, routine, thread, error))                    \
    X(int, WSPRecvDisconnect, SOCKET_ERROR, s, (SOCKET s, LPWSABUF data, LPINT error),             \
      (s, data, error))                                                                            \
    X(int, WSPRecvFrom, SOCKET_ERROR, s,                                                           \
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,                   \
       struct sockaddr * from, LPINT length, LPWSAOVERLAPPED overlapped,                           \
       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, LPINT error),             \
      (s, buffers, count, received, flags, from, length, overlapped, routine, thread, error))      \
    X(int, WSPSelect, SOCKET_ERROR, 0,                                                             \
      (int count, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,             \
       LPINT error),                                                                               \
      (count, read, write, except, timeout, error))                                                \
    X(int, WSPSend, SOCKET_ERROR, s,                                                               \
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,                         \
       LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,                     \
       LPWSATHREADID thread, LPINT error),                                                         \
      (s, buffers, count, sent, flags, overlapped, routine, thread, error))                        \
    X(int, WSPSendDisconnect, SOCKET_ERROR, s, (SOCKET s, LPWSABUF data, LPINT error),             \
      (s, data, error))                                                                            \
    X(int, WSPSendTo, SOCKET_ERROR, s,                                                             \
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,                         \
       const struct sockaddr *to, int length, LPWSAOVERLAPPED overlapped,                          \
       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, LPINT error),             \
      (s, buffers, count, sent, flags, to, length, overlapped, routine, thread, error))            \
    X(int, WSPSetSockOpt, SOCKET_ERROR, s,                                                         \
      (SOCKET s, int level, int option, const char *value, int size, LPINT error),                 \
      (s, level, option, value, size, error))                                                      \
    X(int, WSPShutdown, SOCKET_ERROR, s, (SOCKET s, int how, LPINT error), (s, how, error))        \
    X(SOCKET, WSPSocket, INVALID_SOCKET, 0,                                                        \
      (int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags,     \
       LPINT error),                                                                               \
      (family, type, protocol, info, group, flags, error))                                         \
    X(INT, WSPStringToAddress, SOCKET_ERROR, 0,                                                    \
      (LPWSTR text, INT family, LPWSAPROTOCOL_INFOW info, LPSOCKADDR name, LPINT length,           \
       LPINT error),                                                                               \
      (text, family, info, name, length, error))

#define IS_SOCKET(result) _Generic((result)0, SOCKET : true, default : false)

#define HOLLOW_ENTRY(result, entry, failure_value, socket_given, parameters, arguments)            \
    static result WSPAPI hollow_##entry parameters                                                 \
    {                                                                                              \
        struct answer answer = answer_of((struct every_call){                                      \
            .name = #entry,                                                                        \
            .failure = (INT_PTR)(failure_value),                                                   \
            .gives_socket = IS_SOCKET(result),                                                     \
            .socket = (SOCKET)(socket_given),                                                      \
        });                                                                                        \
        ignore arguments;                                                                          \
        if (answer.error != 0 && error != NULL) {                                                  \
            *error = answer.error;                                                                 \
        }                                                                                          \
        return (result)answer.value;                                                               \
    }

/* Whatever an entry is given, a hollow one has no use for it. */
static void ignore_all(int first, ...)
{
    (void)first;
}
#define ignore(...) ignore_all(0, __VA_ARGS__)

EACH(HOLLOW_ENTRY)

#define FIRST_ENTRY(result, entry, failure_value, socket_given, parameters, arguments)             \
    static result WSPAPI first_##entry parameters                                                  \
    {                                                                                              \
        act_first(#entry);                                                                         \
        return beneath.lp##entry arguments;                                                        \
    }
EACH(FIRST_ENTRY)

bool answers_for_handles(struct every_call call, struct answer *answer)
{
    *answer = (struct answer){0, 0};
    if (call.gives_socket) {
        answer->value = (INT_PTR)client.lpWPUCreateSocketHandle(catalog_entry, 0, &answer->error);
        return true;
    }
    if (strcmp(call.name, "WSPCloseSocket") == 0) {
        answer->value = client.lpWPUCloseSocketHandle(call.socket, &answer->error);
        return true;
    }
    return strcmp(call.name, "WSPCleanup") == 0;
}

int every_start(WSPDATA *data, const WSAPROTOCOL_INFOW *info, WSPUPCALLTABLE upcalls,
                WSPPROC_TABLE *table, struct answer (*answer)(struct every_call))
{
    answer_of = answer;
    catalog_entry = info->dwCatalogEntryId;
    client = upcalls;
    memset(data, 0, sizeof *data);
    data->wVersion = MAKEWORD(2, 2);
    data->wHighVersion = MAKEWORD(2, 2);
#define HOLLOW_SLOT(result, entry, failure_value, socket_given, parameters, arguments)             \
    table->lp##entry = hollow_##entry;
    EACH(HOLLOW_SLOT)
    return 0;
}

void every_entry_first(WSPPROC_TABLE *table, void (*act)(const char *name))
{
    beneath = *table;
    act_first = act;
#define FIRST_SLOT(result, entry, failure_value, socket_given, parameters, arguments)              \
    table->lp##entry = first_##entry;
    EACH(FIRST_SLOT)
}
