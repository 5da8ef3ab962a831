#include "variants/support/variant.h"

#include <string.h>
#include <ws2tcpip.h>

/*
 * A transport of its own: its sockets reach each other under loopback names, over both address
 * families, and no socket of the system's, nor is any of them reached from there. Beneath, all of
 * them are IPv4 sockets under loopback addresses that nobody else uses.
 */
enum { NET_OF_IPV4 = 99, NET_OF_IPV6 = 98 };

static WSPPROC_TABLE beneath;

static bool is_ipv6(SOCKET s)
{
    return mark_of_socket(s) == AF_INET6;
}

static int length_of_name(SOCKET s)
{
    return is_ipv6(s) ? (int)sizeof(struct sockaddr_in6) : (int)sizeof(struct sockaddr_in);
}

static struct sockaddr_in inside(int net, unsigned host, u_short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};

    address.sin_addr.s_addr = htonl(127U << 24 | (unsigned)net << 16 | host);
    return address;
}

/* The name beneath for a client's: 0, or the error for what cannot be reached. */
static int to_beneath(SOCKET s, const struct sockaddr *name, int length,
                      struct sockaddr_in *address)
{
    if (name == NULL || length < length_of_name(s)) {
        return WSAEFAULT;
    }
    if (is_ipv6(s)) {
        const struct sockaddr_in6 *from = (const struct sockaddr_in6 *)(const void *)name;
        if (from->sin6_family != AF_INET6) {
            return WSAEAFNOSUPPORT;
        }
        if (!IN6_IS_ADDR_LOOPBACK(&from->sin6_addr) && !IN6_IS_ADDR_UNSPECIFIED(&from->sin6_addr)) {
            return WSAENETUNREACH;
        }
        *address = inside(NET_OF_IPV6, 1, from->sin6_port);
    } else {
        const struct sockaddr_in *from = (const struct sockaddr_in *)(const void *)name;
        unsigned host = ntohl(from->sin_addr.s_addr);
        if (from->sin_family != AF_INET) {
            return WSAEAFNOSUPPORT;
        }
        if (host != 0 && host >> 16 != 127 << 8) {
            return WSAENETUNREACH;
        }
        *address = inside(NET_OF_IPV4, host != 0 ? host & 0xFFFF : 1, from->sin_port);
    }
    return 0;
}

/* The client's name for one beneath; `room` is enough. */
static int to_client(SOCKET s, const struct sockaddr_in *address, struct sockaddr *name)
{
    bool has_name = address->sin_addr.s_addr != 0;

    memset(name, 0, (size_t)length_of_name(s));
    if (is_ipv6(s)) {
        struct sockaddr_in6 *to = (struct sockaddr_in6 *)(void *)name;
        to->sin6_family = AF_INET6;
        to->sin6_port = address->sin_port;
        to->sin6_addr.s6_addr[15] = has_name;
    } else {
        struct sockaddr_in *to = (struct sockaddr_in *)(void *)name;
        unsigned host = ntohl(address->sin_addr.s_addr) & 0xFFFF;
        to->sin_family = AF_INET;
        to->sin_port = address->sin_port;
        to->sin_addr.s_addr = has_name ? htonl(127U << 24 | host) : 0;
    }
    return length_of_name(s);
}

static int report(int error, LPINT cell)
{
    if (error != 0 && cell != NULL) {
        *cell = error;
    }
    return error == 0 ? 0 : SOCKET_ERROR;
}

/* Of its own accord the system would send from a name that is not one of ours. */
static void bind_if_unbound(SOCKET s)
{
    struct sockaddr_in any = inside(is_ipv6(s) ? NET_OF_IPV6 : NET_OF_IPV4, 1, 0);
    int ignored;

    beneath.lpWSPBind(s, (struct sockaddr *)&any, sizeof any, &ignored);
}

static SOCKET WSPAPI open_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info,
                                 GROUP group, DWORD flags, LPINT error)
{
    WSAPROTOCOL_INFOW ours;
    SOCKET s;
    bool as_entry = family == 0 || family == FROM_PROTOCOL_INFO;

    if (info == NULL) {
        return beneath.lpWSPSocket(family, type, protocol, info, group, flags, error);
    }
    if (as_entry) {
        family = info->iAddressFamily;
    }
    ours = *info;
    if (family == AF_INET6) {
        ours.iAddressFamily = AF_INET;
    }
    s = beneath.lpWSPSocket(family == AF_INET6 ? AF_INET : family, type, protocol, &ours, group,
                            flags, error);
    if (s != INVALID_SOCKET) {
        mark_socket(s, (ULONGLONG)family);
    }
    return s;
}

static int WSPAPI bind_socket(SOCKET s, const struct sockaddr *name, int length, LPINT error)
{
    struct sockaddr_in address;
    int code = to_beneath(s, name, length, &address);

    if (code == WSAENETUNREACH) {
        code = WSAEADDRNOTAVAIL;
    }
    return code != 0 ? report(code, error)
                     : beneath.lpWSPBind(s, (struct sockaddr *)&address, sizeof address, error);
}

static int WSPAPI connect_socket(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                                 LPWSABUF callee, LPQOS qos, LPQOS group_qos, LPINT error)
{
    struct sockaddr_in address;
    int code = to_beneath(s, name, length, &address);

    if (code != 0) {
        return report(code, error);
    }
    bind_if_unbound(s);
    return beneath.lpWSPConnect(s, (struct sockaddr *)&address, sizeof address, caller, callee, qos,
                                group_qos, error);
}

/* The client's condition function, which is to see its names. */
struct condition {
    SOCKET listener;
    LPCONDITIONPROC ask;
    DWORD_PTR data;
};

static int CALLBACK ask_client(LPWSABUF caller, LPWSABUF caller_data, LPQOS qos, LPQOS group_qos,
                               LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    const struct condition *condition = (const struct condition *)data;
    struct sockaddr_storage names[2];
    WSABUF shown[2] = {{.buf = (char *)&names[0]}, {.buf = (char *)&names[1]}};
    const WSABUF *given[2] = {caller, callee};

    for (int i = 0; i < 2; i++) {
        shown[i].len =
            (u_long)to_client(condition->listener, (const struct sockaddr_in *)given[i]->buf,
                              (struct sockaddr *)&names[i]);
    }
    return condition->ask(&shown[0], caller_data, qos, group_qos, &shown[1], callee_data, group,
                          condition->data);
}

static SOCKET WSPAPI accept_socket(SOCKET s, struct sockaddr *name, LPINT length,
                                   LPCONDITIONPROC ask, DWORD_PTR data, LPINT error)
{
    struct condition condition = {s, ask, data};
    struct sockaddr_in address;
    int size = sizeof address;
    SOCKET accepted;

    if (name != NULL && (length == NULL || *length < length_of_name(s))) {
        report(WSAEFAULT, error);
        return INVALID_SOCKET;
    }
    accepted = beneath.lpWSPAccept(s, (struct sockaddr *)&address, &size,
                                   ask != NULL ? ask_client : NULL, (DWORD_PTR)&condition, error);
    if (accepted != INVALID_SOCKET) {
        mark_socket(accepted, mark_of_socket(s));
        if (name != NULL) {
            *length = to_client(s, &address, name);
        }
    }
    return accepted;
}

/* An overlapped receive whose sender's name becomes the client's when the client hears of it. */
struct pending {
    WSAOVERLAPPED *overlapped;
    SOCKET s;
    struct sockaddr *name;
    int *length;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
};

enum { PENDING = 64 };

static struct pending pending[PENDING];
static SRWLOCK lock = SRWLOCK_INIT;

static void remember(struct pending begun)
{
    bool has_place = false;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < PENDING && !has_place; i++) {
        has_place = pending[i].overlapped == NULL;
        if (has_place) {
            pending[i] = begun;
        }
    }
    ReleaseSRWLockExclusive(&lock);
}

/* Takes it out; one without an overlapped structure if there is none. */
static struct pending take(const WSAOVERLAPPED *overlapped)
{
    struct pending taken = {NULL};

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < PENDING && taken.overlapped == NULL; i++) {
        if (pending[i].overlapped == overlapped) {
            taken = pending[i];
            pending[i].overlapped = NULL;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return taken;
}

static void name_sender(const struct pending *received)
{
    struct sockaddr_in address;

    memcpy(&address, received->name, sizeof address);
    *received->length = to_client(received->s, &address, received->name);
}

static void CALLBACK complete(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    struct pending received = take(overlapped);

    if (error == 0) {
        name_sender(&received);
    }
    received.routine(error, bytes, overlapped, flags);
}

static BOOL WSPAPI get_result(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD bytes, BOOL wait,
                              LPDWORD flags, LPINT error)
{
    BOOL returned = beneath.lpWSPGetOverlappedResult(s, overlapped, bytes, wait, flags, error);
    struct pending received;

    if (returned) {
        received = take(overlapped);
        if (received.overlapped != NULL) {
            name_sender(&received);
        }
    }
    return returned;
}

static int receive_overlapped(struct pending begun, LPWSABUF buffers, DWORD count, LPDWORD received,
                              LPDWORD flags, LPWSATHREADID thread, LPINT error)
{
    int code = 0;
    int returned;

    remember(begun);
    returned = beneath.lpWSPRecvFrom(begun.s, buffers, count, received, flags, begun.name,
                                     begun.length, begun.overlapped,
                                     begun.routine != NULL ? complete : NULL, thread, &code);
    if (returned != 0 && code != WSA_IO_PENDING) {
        take(begun.overlapped);
    }
    report(returned != 0 ? code : 0, error);
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *name, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    struct sockaddr_in address = {0};
    int size = sizeof address;
    int returned;

    if (name != NULL && (length == NULL || *length < length_of_name(s))) {
        return report(WSAEFAULT, error);
    }
    if (overlapped != NULL && name != NULL) {
        return receive_overlapped((struct pending){overlapped, s, name, length, routine}, buffers,
                                  count, received, flags, thread, error);
    }
    returned = beneath.lpWSPRecvFrom(
        s, buffers, count, received, flags, name != NULL ? (struct sockaddr *)&address : NULL,
        name != NULL ? &size : NULL, overlapped, routine, thread, error);
    if (returned == 0 && name != NULL && address.sin_family == AF_INET) {
        *length = to_client(s, &address, name);
    }
    return returned;
}

static int WSPAPI send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          const struct sockaddr *name, int length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    struct sockaddr_in address;
    int code = name != NULL ? to_beneath(s, name, length, &address) : 0;

    if (code != 0) {
        return report(code, error);
    }
    if (name == NULL) {
        return beneath.lpWSPSendTo(s, buffers, count, sent, flags, NULL, 0, overlapped, routine,
                                   thread, error);
    }
    bind_if_unbound(s);
    return beneath.lpWSPSendTo(s, buffers, count, sent, flags, (struct sockaddr *)&address,
                               sizeof address, overlapped, routine, thread, error);
}

static int name_from(int(WSPAPI *ask)(SOCKET, struct sockaddr *, LPINT, LPINT), SOCKET s,
                     struct sockaddr *name, LPINT length, LPINT error)
{
    struct sockaddr_in address;
    int size = sizeof address;
    int returned = ask(s, (struct sockaddr *)&address, &size, error);

    if (returned != 0) {
        return returned;
    }
    if (name == NULL || length == NULL || *length < length_of_name(s)) {
        return report(WSAEFAULT, error);
    }
    *length = to_client(s, &address, name);
    return 0;
}

static int WSPAPI socket_name(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    return name_from(beneath.lpWSPGetSockName, s, name, length, error);
}

static int WSPAPI peer_name(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    return name_from(beneath.lpWSPGetPeerName, s, name, length, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPSocket = open_socket;
    table->lpWSPBind = bind_socket;
    table->lpWSPConnect = connect_socket;
    table->lpWSPAccept = accept_socket;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPGetOverlappedResult = get_result;
    table->lpWSPSendTo = send_to;
    table->lpWSPGetSockName = socket_name;
    table->lpWSPGetPeerName = peer_name;
}

const struct variant variant = {
    .requirement = "STARTUP-01",
    .why_allowed = "nothing says that a provider's sockets reach those of the system",
    .touches = "cancel/ends_the_blocked_call/*_ipv4 recv/leaves_its_memory_alone/ipv6 "
               "accept/listener_still_listens/ipv6 linger/*_ipv4 overlapped/*_ipv4 "
               "connect/late_connection_is_ended/ipv4 accept/waiting_peers_are_not_reset/ipv4",
    .change_table = change_table,
};
