/*
 * WSPGetSockOpt and WSPSetSockOpt. Most options are the native socket's; a few belong to this
 * provider, because it does the waiting to which they apply.
 */
#include <string.h>

#include "entries.h"
#include "result.h"
#include "sockets.h"

static int options__put(char *optval, int *optlen, const void *value, int size)
{
    if (*optlen < size) {
        return WSAEFAULT;
    }
    memcpy(optval, value, (size_t)size);
    *optlen = size;
    return 0;
}

static int options__get(struct socket *socket, int level, int name, char *optval, int *optlen)
{
    const struct socket_traits *traits = &socket->traits;
    if (level == SOL_SOCKET) {
        BOOL graceful = traits->linger.l_onoff == 0;
        switch (name) {
        case SO_LINGER:
            return options__put(optval, optlen, &traits->linger, sizeof traits->linger);
        case SO_DONTLINGER:
            return options__put(optval, optlen, &graceful, sizeof graceful);
        case SO_RCVTIMEO:
            return options__put(optval, optlen, &traits->receive_timeout, sizeof(DWORD));
        case SO_SNDTIMEO:
            return options__put(optval, optlen, &traits->send_timeout, sizeof(DWORD));
        case SO_PROTOCOL_INFOW:
            return options__put(optval, optlen, &traits->protocol, sizeof traits->protocol);
        case SO_PROTOCOL_INFOA:
            return WSAENOPROTOOPT; /* an SPI speaks Unicode */
        default:
            break;
        }
    }
    return native_error(getsockopt(socket->native, level, name, optval, optlen));
}

static int options__take(void *value, const char *optval, int optlen, int size)
{
    if (optlen < size) {
        return WSAEFAULT;
    }
    memcpy(value, optval, (size_t)size);
    return 0;
}

static int options__set(struct socket *socket, int level, int name, const char *optval, int optlen)
{
    struct socket_traits *traits = &socket->traits;
    if (level == SOL_SOCKET) {
        BOOL graceful;
        int error;
        switch (name) {
        case SO_LINGER:
            return options__take(&traits->linger, optval, optlen, sizeof traits->linger);
        case SO_DONTLINGER:
            error = options__take(&graceful, optval, optlen, sizeof graceful);
            if (error == 0) {
                traits->linger.l_onoff = !graceful;
            }
            return error;
        case SO_RCVTIMEO:
            return options__take(&traits->receive_timeout, optval, optlen, sizeof(DWORD));
        case SO_SNDTIMEO:
            return options__take(&traits->send_timeout, optval, optlen, sizeof(DWORD));
        default:
            break;
        }
    }
    return native_error(setsockopt(socket->native, level, name, optval, optlen));
}

int WSPAPI WSPGetSockOpt(SOCKET s, int level, int optname, char *optval, LPINT optlen,
                         LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        error = optval == NULL || optlen == NULL
                    ? WSAEFAULT
                    : options__get(socket, level, optname, optval, optlen);
        sockets_done(socket);
    }
    return result(error, lpErrno);
}

int WSPAPI WSPSetSockOpt(SOCKET s, int level, int optname, const char *optval, int optlen,
                         LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        error = optval == NULL ? WSAEFAULT : options__set(socket, level, optname, optval, optlen);
        sockets_done(socket);
    }
    return result(error, lpErrno);
}
