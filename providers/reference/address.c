/*
 * Names and addresses: what the native socket does at once and without a callback (NOBLOCK-03).
 */
#include "entries.h"
#include "result.h"
#include "sockets.h"
#include "startup.h"

int WSPAPI WSPBind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        error = name == NULL ? WSAEFAULT : native_error(bind(socket->native, name, namelen));
        sockets_done(socket);
    }
    return result(error, lpErrno);
}

int WSPAPI WSPListen(SOCKET s, int backlog, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        error = native_error(listen(socket->native, backlog));
        sockets_done(socket);
    }
    return result(error, lpErrno);
}

int WSPAPI WSPGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        error = name == NULL || namelen == NULL
                    ? WSAEFAULT
                    : native_error(getsockname(socket->native, name, namelen));
        sockets_done(socket);
    }
    return result(error, lpErrno);
}

int WSPAPI WSPGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        error = name == NULL || namelen == NULL
                    ? WSAEFAULT
                    : native_error(getpeername(socket->native, name, namelen));
        sockets_done(socket);
    }
    return result(error, lpErrno);
}

INT WSPAPI WSPAddressToString(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString,
                              LPDWORD lpdwAddressStringLength, LPINT lpErrno)
{
    (void)lpProtocolInfo; /* ours; the system goes by the address family */

    int error = startup_enter();
    if (error == 0) {
        error = lpsaAddress == NULL || lpszAddressString == NULL || lpdwAddressStringLength == NULL
                    ? WSAEFAULT
                    : native_error(WSAAddressToStringW(lpsaAddress, dwAddressLength, NULL,
                                                       lpszAddressString, lpdwAddressStringLength));
        startup_leave();
    }
    return result(error, lpErrno);
}

INT WSPAPI WSPStringToAddress(LPWSTR AddressString, INT AddressFamily,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress,
                              LPINT lpAddressLength, LPINT lpErrno)
{
    (void)lpProtocolInfo;

    int error = startup_enter();
    if (error == 0) {
        error = AddressString == NULL || lpAddress == NULL || lpAddressLength == NULL
                    ? WSAEFAULT
                    : native_error(WSAStringToAddressW(AddressString, AddressFamily, NULL,
                                                       lpAddress, lpAddressLength));
        startup_leave();
    }
    return result(error, lpErrno);
}
