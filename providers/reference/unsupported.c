/*
 * What this provider does not do, said plainly. An entry of the table is never missing
 * (STARTUP-04), and an unknown handle is still told apart from an unsupported operation (UPC-02).
 */
#include "entries.h"
#include "result.h"
#include "sockets.h"

static int unsupported(SOCKET s, LPINT lpErrno)
{
    struct socket *socket;
    int error = sockets_use(s, &socket);
    if (error == 0) {
        sockets_done(socket);
        error = WSAEOPNOTSUPP;
    }
    return result(error, lpErrno);
}

/* A handle of ws2_32's own making is not one the system could duplicate, and two sockets over one
 * native socket would have to share mode, options and state across processes. */
int WSPAPI WSPDuplicateSocket(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                              LPINT lpErrno)
{
    (void)dwProcessId;
    (void)lpProtocolInfo;
    return unsupported(s, lpErrno);
}

BOOL WSPAPI WSPGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS, LPINT lpErrno)
{
    (void)lpQOSName;
    (void)lpQOS;
    return unsupported(s, lpErrno) == 0;
}

SOCKET WSPAPI WSPJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData,
                          LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags,
                          LPINT lpErrno)
{
    (void)name;
    (void)namelen;
    (void)lpCallerData;
    (void)lpCalleeData;
    (void)lpSQOS;
    (void)lpGQOS;
    (void)dwFlags;
    unsupported(s, lpErrno);
    return INVALID_SOCKET;
}
