#include "variants/support/variant.h"

#include "reference/sockets.h"

/*
 * The least that a stack can be: no options but those that the rules need, no out-of-band data, no
 * MSG_WAITALL, no news of addresses and routes, no IPv6, and no version but 2.2.
 */
static WSPPROC_TABLE beneath;

/* What a call on the socket fails with anyway, or else `error`. */
static int refuse(SOCKET handle, int error, LPINT cell)
{
    struct socket *socket;
    int sooner = sockets_use(handle, &socket);

    if (sooner == 0) {
        sockets_done(socket);
    }
    *cell = sooner != 0 ? sooner : error;
    return SOCKET_ERROR;
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    bool known = level == SOL_SOCKET &&
                 (option == SO_LINGER || option == SO_DONTLINGER || option == SO_ERROR ||
                  option == SO_TYPE || option == SO_ACCEPTCONN || option == SO_PROTOCOL_INFOW);

    return known ? beneath.lpWSPGetSockOpt(s, level, option, value, size, error)
                 : refuse(s, WSAENOPROTOOPT, error);
}

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    bool known = level == SOL_SOCKET && (option == SO_LINGER || option == SO_DONTLINGER);

    return known ? beneath.lpWSPSetSockOpt(s, level, option, value, size, error)
                 : refuse(s, WSAENOPROTOOPT, error);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    if (flags != NULL && (*flags & (MSG_OOB | MSG_WAITALL)) != 0) {
        return refuse(s, WSAEOPNOTSUPP, error);
    }
    return beneath.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                             error);
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    if (flags != NULL && (*flags & (MSG_OOB | MSG_WAITALL)) != 0) {
        return refuse(s, WSAEOPNOTSUPP, error);
    }
    return beneath.lpWSPRecvFrom(s, buffers, count, received, flags, from, length, overlapped,
                                 routine, thread, error);
}

static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    if ((flags & MSG_OOB) != 0) {
        return refuse(s, WSAEOPNOTSUPP, error);
    }
    return beneath.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
}

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    if (code != (DWORD)FIONBIO && code != (DWORD)FIONREAD) {
        return refuse(s, WSAEOPNOTSUPP, error);
    }
    return beneath.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size, overlapped,
                              routine, thread, error);
}

static SOCKET WSPAPI open_one(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info,
                              GROUP group, DWORD flags, LPINT error)
{
    int asked = family == 0 || family == FROM_PROTOCOL_INFO
                    ? (info != NULL ? info->iAddressFamily : AF_INET)
                    : family;

    if (asked == AF_INET6) {
        *error = WSAEAFNOSUPPORT;
        return INVALID_SOCKET;
    }
    return beneath.lpWSPSocket(family, type, protocol, info, group, flags, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPGetSockOpt = get_option;
    table->lpWSPSetSockOpt = set_option;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_some;
    table->lpWSPIoctl = control;
    table->lpWSPSocket = open_one;
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    bool older = LOBYTE(version) < 2 || (LOBYTE(version) == 2 && HIBYTE(version) < 2);

    return older ? WSAVERNOTSUPPORTED : layer_startup(version, data, info, upcalls, table);
}

const struct variant variant = {
    .requirement = "PCS-01",
    .why_allowed = "options that a provider does not have are refused with WSAENOPROTOOPT, data "
                   "that it has not, and ioctls, with WSAEOPNOTSUPP, a version below its lowest "
                   "with WSAVERNOTSUPPORTED (STARTUP-02)",
    .touches = "recv/* stream/* ioctl/* startup/*",
    .change_table = change_table,
    .start = start,
};
