/* WSPStartup, the table that it fills, and the calls that never wait. */
#include "apart.h"

#include <string.h>
#include <wchar.h>

#define HIGHEST_VERSION MAKEWORD(2, 2)

static WSAPROTOCOL_INFOW newest_entry;

static int WSPAPI clean_up(LPINT error)
{
    EnterCriticalSection(&lock);
    if (starts == 0) {
        leave();
        return conclude(WSANOTINITIALISED, error);
    }
    if (--starts == 0) {
        stop_service();
        WSACleanup();
    }
    leave();
    return 0;
}

static int WSPAPI cancel_blocking_call(LPINT error)
{
    return conclude(cancel_newest(), error);
}

/* --- Sockets ----------------------------------------------------------------------- */

static int chosen(int asked, int described)
{
    return asked == 0 || asked == FROM_PROTOCOL_INFO ? described : asked;
}

static SOCKET WSPAPI open_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW entry,
                                 GROUP group, DWORD flags, LPINT error)
{
    (void)group;
    (void)flags;
    struct endpoint *endpoint = NULL;
    EnterCriticalSection(&lock);
    const WSAPROTOCOL_INFOW described = entry != NULL ? *entry : newest_entry;
    const bool started = starts > 0;
    leave();
    if (!started) {
        *error = WSANOTINITIALISED;
        return INVALID_SOCKET;
    }
    family = chosen(family, described.iAddressFamily);
    type = chosen(type, described.iSocketType);
    protocol = chosen(protocol, described.iProtocol);
    const SOCKET system = WSASocketW(family, type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED);
    int code = system == INVALID_SOCKET ? WSAGetLastError() : 0;
    if (code == 0) {
        code = make_endpoint(system, &described, family, type, &endpoint);
    }
    if (code != 0) {
        closesocket(system);
        *error = code;
        return INVALID_SOCKET;
    }
    return endpoint->handle;
}

/* What is not writable has bytes under way. Nothing is given up where closing fails. */
static int linger_on(struct endpoint *endpoint, bool *hard)
{
    *hard = endpoint->linger.l_onoff != 0 && endpoint->linger.l_linger == 0;
    if (endpoint->linger.l_onoff == 0 || *hard || !endpoint->connected ||
        endpoint->system == INVALID_SOCKET) {
        return 0;
    }
    struct request request = {.kind = LINGER_ON, .endpoint = endpoint};
    const int code =
        perform(&request, !endpoint->nonblocking, (DWORD)endpoint->linger.l_linger * 1000);
    *hard = code == WSAETIMEDOUT;
    return *hard ? 0 : code;
}

static int WSPAPI close_socket(SOCKET handle, LPINT error)
{
    struct endpoint *endpoint = NULL;
    bool hard = false;
    int code = enter_any(handle, &endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    hold(endpoint);
    code = linger_on(endpoint, &hard);
    if (code == 0) {
        end_requests(endpoint, WSAENOTSOCK);
        discard(endpoint, hard);
    }
    release(endpoint);
    leave();
    return conclude(code, error);
}

static int WSPAPI bind_socket(SOCKET handle, const struct sockaddr *name, int length, LPINT error)
{
    struct endpoint *endpoint = NULL;
    int code = enter(handle, &endpoint);
    if (code == 0) {
        code = bind(endpoint->system, name, length) == 0 ? 0 : WSAGetLastError();
        leave();
    }
    return conclude(code, error);
}

static int WSPAPI listen_socket(SOCKET handle, int backlog, LPINT error)
{
    struct endpoint *endpoint = NULL;
    int code = enter(handle, &endpoint);
    if (code == 0) {
        code = listen(endpoint->system, backlog) == 0 ? 0 : WSAGetLastError();
        endpoint->listening |= code == 0;
        rearm(endpoint, FD_ACCEPT);
        leave();
    }
    return conclude(code, error);
}

static int WSPAPI get_own_name(SOCKET handle, struct sockaddr *name, LPINT length, LPINT error)
{
    struct endpoint *endpoint = NULL;
    int code = enter(handle, &endpoint);
    if (code == 0) {
        code = getsockname(endpoint->system, name, length) == 0 ? 0 : WSAGetLastError();
        leave();
    }
    return conclude(code, error);
}

static int WSPAPI get_peer_name(SOCKET handle, struct sockaddr *name, LPINT length, LPINT error)
{
    struct endpoint *endpoint = NULL;
    int code = enter(handle, &endpoint);
    if (code == 0) {
        code = getpeername(endpoint->system, name, length) == 0 ? 0 : WSAGetLastError();
        leave();
    }
    return conclude(code, error);
}

static int WSPAPI shut_down(SOCKET handle, int how, LPINT error)
{
    struct endpoint *endpoint = NULL;
    int code = enter(handle, &endpoint);
    if (code == 0) {
        settle_connect(endpoint);
        code = shutdown(endpoint->system, how) == 0 ? 0 : WSAGetLastError();
        leave();
    }
    return conclude(code, error);
}

static int WSPAPI send_disconnect(SOCKET handle, LPWSABUF data, LPINT error)
{
    (void)data;
    return shut_down(handle, SD_SEND, error);
}

static int WSPAPI receive_disconnect(SOCKET handle, LPWSABUF data, LPINT error)
{
    (void)data;
    return shut_down(handle, SD_RECEIVE, error);
}

/* --- What needs no socket, and what this provider has not -------------------------------- */

static int WSPAPI address_to_string(LPSOCKADDR name, DWORD length, LPWSAPROTOCOL_INFOW entry,
                                    LPWSTR text, LPDWORD size, LPINT error)
{
    (void)entry;
    const int result = WSAAddressToStringW(name, length, NULL, text, size);
    return conclude(result == 0 ? 0 : WSAGetLastError(), error);
}

static int WSPAPI string_to_address(LPWSTR text, int family, LPWSAPROTOCOL_INFOW entry,
                                    LPSOCKADDR name, LPINT length, LPINT error)
{
    (void)entry;
    const int result = WSAStringToAddressW(text, family, NULL, name, length);
    return conclude(result == 0 ? 0 : WSAGetLastError(), error);
}

static int WSPAPI duplicate_socket(SOCKET handle, DWORD process, LPWSAPROTOCOL_INFOW entry,
                                   LPINT error)
{
    (void)process;
    (void)entry;
    struct endpoint *endpoint = NULL;
    const int code = enter(handle, &endpoint);
    if (code == 0) {
        leave();
    }
    return conclude(code != 0 ? code : WSAEOPNOTSUPP, error);
}

static SOCKET WSPAPI join_leaf(SOCKET handle, const struct sockaddr *name, int length,
                               LPWSABUF caller, LPWSABUF callee, LPQOS sending, LPQOS group,
                               DWORD flags, LPINT error)
{
    (void)name;
    (void)length;
    (void)caller;
    (void)callee;
    (void)sending;
    (void)group;
    (void)flags;
    duplicate_socket(handle, 0, NULL, error);
    return INVALID_SOCKET;
}

static BOOL WSPAPI get_qos_by_name(SOCKET handle, LPWSABUF name, LPQOS qos, LPINT error)
{
    (void)name;
    (void)qos;
    duplicate_socket(handle, 0, NULL, error);
    return FALSE;
}

static const WSPPROC_TABLE table = {
    .lpWSPAccept = apart_accept,
    .lpWSPAddressToString = address_to_string,
    .lpWSPAsyncSelect = apart_async_select,
    .lpWSPBind = bind_socket,
    .lpWSPCancelBlockingCall = cancel_blocking_call,
    .lpWSPCleanup = clean_up,
    .lpWSPCloseSocket = close_socket,
    .lpWSPConnect = apart_connect,
    .lpWSPDuplicateSocket = duplicate_socket,
    .lpWSPEnumNetworkEvents = apart_enum_network_events,
    .lpWSPEventSelect = apart_event_select,
    .lpWSPGetOverlappedResult = apart_get_overlapped_result,
    .lpWSPGetPeerName = get_peer_name,
    .lpWSPGetSockName = get_own_name,
    .lpWSPGetSockOpt = apart_get_option,
    .lpWSPGetQOSByName = get_qos_by_name,
    .lpWSPIoctl = apart_ioctl,
    .lpWSPJoinLeaf = join_leaf,
    .lpWSPListen = listen_socket,
    .lpWSPRecv = apart_recv,
    .lpWSPRecvDisconnect = receive_disconnect,
    .lpWSPRecvFrom = apart_recv_from,
    .lpWSPSelect = apart_select,
    .lpWSPSend = apart_send,
    .lpWSPSendDisconnect = send_disconnect,
    .lpWSPSendTo = apart_send_to,
    .lpWSPSetSockOpt = apart_set_option,
    .lpWSPShutdown = shut_down,
    .lpWSPSocket = open_socket,
    .lpWSPStringToAddress = string_to_address,
};

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW entry,
                      WSPUPCALLTABLE upcall_table, LPWSPPROC_TABLE proc_table)
{
    if (data == NULL || entry == NULL || proc_table == NULL) {
        return WSAEFAULT;
    }
    const unsigned wanted = (unsigned)LOBYTE(version) << 8 | HIBYTE(version);
    if (wanted < 0x200) {
        return WSAVERNOTSUPPORTED;
    }
    EnterCriticalSection(&lock);
    WSADATA system = {.wVersion = 0};
    const int code = starts == 0 ? WSAStartup(HIGHEST_VERSION, &system) : 0;
    if (code == 0) {
        starts++;
        upcalls = upcall_table;
        newest_entry = *entry;
        *proc_table = table;
        data->wVersion = wanted < 0x202 ? version : HIGHEST_VERSION;
        data->wHighVersion = HIGHEST_VERSION;
        wcscpy(data->szDescription, L"wspcts: one service thread for all sockets");
    }
    leave();
    return code;
}
