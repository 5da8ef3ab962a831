#include "flawed/support/kept.h"

#include "reference/sockets.h"

SOCKET keep_connection(SOCKET s)
{
    SOCKET second = INVALID_SOCKET;
    WSAPROTOCOL_INFOW info;
    struct socket *socket;

    if (sockets_use(s, &socket) == 0) {
        if (WSADuplicateSocketW(socket->native, GetCurrentProcessId(), &info) == 0) {
            second = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info,
                                0, WSA_FLAG_OVERLAPPED);
        }
        sockets_done(socket);
    }
    return second;
}
