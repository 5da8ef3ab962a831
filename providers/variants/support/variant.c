/*
 * The calls into the provider as a variant sees them. Each keeps a record on its own stack; the
 * thread's slot points to the innermost.
 */
#include "variants/support/variant.h"

static DWORD slot = TLS_OUT_OF_INDEXES;

static struct call *innermost(void)
{
    return TlsGetValue(slot);
}

struct call *variant_call_in_callback(void)
{
    struct call *call = innermost();

    while (call != NULL && !call->in_callback) {
        call = call->outer;
    }
    return call;
}

BOOL variant_call_back(struct call *call)
{
    BOOL answer = TRUE;

    if (call->callback != NULL) {
        call->in_callback = true;
        answer = call->callback(call->context);
        call->in_callback = false;
    }
    return answer;
}

/* What the provider beneath gets for a callback. */
static BOOL CALLBACK take_turn(DWORD_PTR context)
{
    struct call *call = (struct call *)context;

    call->turns++;
    return variant.turn != NULL ? variant.turn(call) : variant_call_back(call);
}

static int WSPAPI query(DWORD catalog, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context,
                        LPINT error)
{
    struct call *call = innermost();
    int returned = client.lpWPUQueryBlockingCallback(catalog, callback, context, error);

    if (returned == 0 && call != NULL) {
        call->catalog = catalog;
        call->callback = *callback;
        call->context = *context;
        if (*callback != NULL || variant.turns_without_callback) {
            *callback = take_turn;
            *context = (DWORD_PTR)call;
        }
    }
    return returned;
}

int variant_cancel(void)
{
    int error = 0;

    return reference.lpWSPCancelBlockingCall(&error) == 0 ? 0 : error;
}

static int report(int error, LPINT cell)
{
    if (error != 0 && cell != NULL) {
        *cell = error;
    }
    return error == 0 ? 0 : SOCKET_ERROR;
}

static int WSPAPI cancel(LPINT error)
{
    struct call *call = variant_call_in_callback();
    int code = variant.cancel != NULL ? variant.cancel(call) : variant_cancel();

    if (code == 0 && call != NULL) {
        call->cancelled = true;
    }
    return report(code, error);
}

static int enter(struct call *call)
{
    call->outer = innermost();
    call->entered = GetTickCount64();
    TlsSetValue(slot, call);
    return variant.before != NULL ? variant.before(call) : 0;
}

static int leave(struct call *call, int error)
{
    if (variant.after != NULL) {
        error = variant.after(call, error);
    }
    TlsSetValue(slot, call->outer);
    return error;
}

/*
 * One entry: its parameters, its arguments with `&code` for lpErrno, and what the record of the
 * call is to hold. A call that `before` refuses does not come as far as `after`.
 */
#define ENTRY(name, type, failure, parameters, arguments, ...)                                     \
    static type WSPAPI name##_entry parameters                                                     \
    {                                                                                              \
        struct call call = {.entry = ENTRY_##name, .error_cell = error, __VA_ARGS__};              \
        int code = enter(&call);                                                                   \
                                                                                                   \
        if (code != 0) {                                                                           \
            TlsSetValue(slot, call.outer);                                                         \
        } else {                                                                                   \
            type returned = reference.lp##name arguments;                                          \
            call.returned = (INT_PTR)returned;                                                     \
            code = leave(&call, returned == (failure) ? code : 0);                                 \
        }                                                                                          \
        report(code, error);                                                                       \
        return code == 0 ? (type)call.returned : (failure);                                        \
    }

#define ON_SOCKET(name, parameters, arguments)                                                     \
    ENTRY(name, int, SOCKET_ERROR, parameters, arguments, .socket = s)

ENTRY(WSPAccept, SOCKET, INVALID_SOCKET,
      (SOCKET s, struct sockaddr *address, LPINT length, LPCONDITIONPROC condition, DWORD_PTR data,
       LPINT error),
      (s, address, length, condition, data, &code), .socket = s)
ENTRY(WSPAddressToString, INT, SOCKET_ERROR,
      (LPSOCKADDR address, DWORD length, LPWSAPROTOCOL_INFOW info, LPWSTR text, LPDWORD size,
       LPINT error),
      (address, length, info, text, size, &code), .socket = INVALID_SOCKET)
ON_SOCKET(WSPAsyncSelect, (SOCKET s, HWND window, unsigned message, long events, LPINT error),
          (s, window, message, events, &code))
ON_SOCKET(WSPBind, (SOCKET s, const struct sockaddr *name, int length, LPINT error),
          (s, name, length, &code))
ENTRY(WSPCleanup, int, SOCKET_ERROR, (LPINT error), (&code), .socket = INVALID_SOCKET)
ON_SOCKET(WSPCloseSocket, (SOCKET s, LPINT error), (s, &code))
ENTRY(WSPConnect, int, SOCKET_ERROR,
      (SOCKET s, const struct sockaddr *to, int length, LPWSABUF caller, LPWSABUF callee, LPQOS qos,
       LPQOS group_qos, LPINT error),
      (s, to, length, caller, callee, qos, group_qos, &code), .socket = s, .name = to,
      .name_length = length)
ON_SOCKET(WSPDuplicateSocket, (SOCKET s, DWORD process, LPWSAPROTOCOL_INFOW info, LPINT error),
          (s, process, info, &code))
ON_SOCKET(WSPEnumNetworkEvents, (SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events, LPINT error),
          (s, event, events, &code))
ON_SOCKET(WSPEventSelect, (SOCKET s, WSAEVENT event, long events, LPINT error),
          (s, event, events, &code))
ENTRY(WSPGetOverlappedResult, WINBOOL, FALSE,
      (SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD transferred, WINBOOL wait, LPDWORD flags,
       LPINT error),
      (s, overlapped, transferred, wait, flags, &code), .socket = s)
ON_SOCKET(WSPGetPeerName, (SOCKET s, struct sockaddr *name, LPINT length, LPINT error),
          (s, name, length, &code))
ON_SOCKET(WSPGetSockName, (SOCKET s, struct sockaddr *name, LPINT length, LPINT error),
          (s, name, length, &code))
ON_SOCKET(WSPGetSockOpt, (SOCKET s, int level, int option, char *value, LPINT size, LPINT error),
          (s, level, option, value, size, &code))
ENTRY(WSPGetQOSByName, WINBOOL, FALSE, (SOCKET s, LPWSABUF name, LPQOS qos, LPINT error),
      (s, name, qos, &code), .socket = s)
ON_SOCKET(WSPIoctl,
          (SOCKET s, DWORD request, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
           LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, LPINT error),
          (s, request, in, in_size, out, out_size, returned_size, overlapped, routine, thread,
           &code))
ENTRY(WSPJoinLeaf, SOCKET, INVALID_SOCKET,
      (SOCKET s, const struct sockaddr *to, int length, LPWSABUF caller, LPWSABUF callee, LPQOS qos,
       LPQOS group_qos, DWORD flags, LPINT error),
      (s, to, length, caller, callee, qos, group_qos, flags, &code), .socket = s)
ON_SOCKET(WSPListen, (SOCKET s, int backlog, LPINT error), (s, backlog, &code))
ENTRY(WSPRecv, int, SOCKET_ERROR,
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
       LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
       LPINT error),
      (s, buffers, count, received, flags, overlapped, routine, thread, &code), .socket = s,
      .transferred = received)
ON_SOCKET(WSPRecvDisconnect, (SOCKET s, LPWSABUF data, LPINT error), (s, data, &code))
ENTRY(WSPRecvFrom, int, SOCKET_ERROR,
      (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
       struct sockaddr *from, LPINT length, LPWSAOVERLAPPED overlapped,
       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, LPINT error),
      (s, buffers, count, received, flags, from, length, overlapped, routine, thread, &code),
      .socket = s, .transferred = received)
ENTRY(WSPSelect, int, SOCKET_ERROR,
      (int ignored, fd_set *read, fd_set *write, fd_set *except, const PTIMEVAL timeout,
       LPINT error),
      (ignored, read, write, except, timeout, &code), .socket = INVALID_SOCKET,
      .sets = {read, write, except})
ON_SOCKET(WSPSend,
          (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
           LPWSATHREADID thread, LPINT error),
          (s, buffers, count, sent, flags, overlapped, routine, thread, &code))
ON_SOCKET(WSPSendDisconnect, (SOCKET s, LPWSABUF data, LPINT error), (s, data, &code))
ON_SOCKET(WSPSendTo,
          (SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
           const struct sockaddr *to, int length, LPWSAOVERLAPPED overlapped,
           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, LPINT error),
          (s, buffers, count, sent, flags, to, length, overlapped, routine, thread, &code))
ON_SOCKET(WSPSetSockOpt,
          (SOCKET s, int level, int option, const char *value, int size, LPINT error),
          (s, level, option, value, size, &code))
ON_SOCKET(WSPShutdown, (SOCKET s, int how, LPINT error), (s, how, &code))
ENTRY(WSPSocket, SOCKET, INVALID_SOCKET,
      (int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags,
       LPINT error),
      (family, type, protocol, info, group, flags, &code), .socket = INVALID_SOCKET)
ENTRY(WSPStringToAddress, INT, SOCKET_ERROR,
      (LPWSTR text, INT family, LPWSAPROTOCOL_INFOW info, LPSOCKADDR address, LPINT length,
       LPINT error),
      (text, family, info, address, length, &code), .socket = INVALID_SOCKET)

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    upcalls->lpWPUQueryBlockingCallback = query;
    if (variant.change_upcalls != NULL) {
        variant.change_upcalls(upcalls);
    }
}

static void change_table(WSPPROC_TABLE *table)
{
    *table = (WSPPROC_TABLE){
        .lpWSPAccept = WSPAccept_entry,
        .lpWSPAddressToString = WSPAddressToString_entry,
        .lpWSPAsyncSelect = WSPAsyncSelect_entry,
        .lpWSPBind = WSPBind_entry,
        .lpWSPCancelBlockingCall = cancel,
        .lpWSPCleanup = WSPCleanup_entry,
        .lpWSPCloseSocket = WSPCloseSocket_entry,
        .lpWSPConnect = WSPConnect_entry,
        .lpWSPDuplicateSocket = WSPDuplicateSocket_entry,
        .lpWSPEnumNetworkEvents = WSPEnumNetworkEvents_entry,
        .lpWSPEventSelect = WSPEventSelect_entry,
        .lpWSPGetOverlappedResult = WSPGetOverlappedResult_entry,
        .lpWSPGetPeerName = WSPGetPeerName_entry,
        .lpWSPGetSockName = WSPGetSockName_entry,
        .lpWSPGetSockOpt = WSPGetSockOpt_entry,
        .lpWSPGetQOSByName = WSPGetQOSByName_entry,
        .lpWSPIoctl = WSPIoctl_entry,
        .lpWSPJoinLeaf = WSPJoinLeaf_entry,
        .lpWSPListen = WSPListen_entry,
        .lpWSPRecv = WSPRecv_entry,
        .lpWSPRecvDisconnect = WSPRecvDisconnect_entry,
        .lpWSPRecvFrom = WSPRecvFrom_entry,
        .lpWSPSelect = WSPSelect_entry,
        .lpWSPSend = WSPSend_entry,
        .lpWSPSendDisconnect = WSPSendDisconnect_entry,
        .lpWSPSendTo = WSPSendTo_entry,
        .lpWSPSetSockOpt = WSPSetSockOpt_entry,
        .lpWSPShutdown = WSPShutdown_entry,
        .lpWSPSocket = WSPSocket_entry,
        .lpWSPStringToAddress = WSPStringToAddress_entry,
    };
    if (variant.change_table != NULL) {
        variant.change_table(table);
    }
}

struct layer layer_of_record(void)
{
    return (struct layer){change_upcalls, change_table, variant.start};
}
