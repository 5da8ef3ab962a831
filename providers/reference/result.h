/*
 * How an error code becomes an SPI result. Inside the provider functions return the error code
 * itself, 0 for success; only the thirty entries turn it into SOCKET_ERROR and *lpErrno.
 */
#ifndef RESULT_H
#define RESULT_H

#include <winsock2.h>

/* The page calls lpErrno an output parameter, not an optional one; a NULL is forgiven all the same
 * (CBC-06). On success nothing is written. */
static inline int result(int error, LPINT lpErrno)
{
    if (error == 0) {
        return 0;
    }
    if (lpErrno != NULL) {
        *lpErrno = error;
    }
    return SOCKET_ERROR;
}

/* The error code of a call to the system's own Winsock. */
static inline int native_error(int returned)
{
    return returned == SOCKET_ERROR ? WSAGetLastError() : 0;
}

#endif
