/*
 * Overlapped operations: a call is begun, returns, and is completed later.
 *
 * They have nothing to do with pseudo-blocking. Nobody waits in them, so no callback is called
 * (BHK-10), and WSPCancelBlockingCall has nothing to do with them either (CBC-12): there is no
 * frame that it could find.
 */
#ifndef OVERLAPPED_H
#define OVERLAPPED_H

#include <winsock2.h>
#include <ws2spi.h>

#include "sockets.h"

/* What the client gave with the call, as it came. */
struct overlapped_call {
    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine; /* NULL: the event in the structure above */
    WSATHREADID *thread;                        /* on which the routine is to be called */
};

/*
 * Begins the native operation: 0 if it finished at once, WSA_IO_PENDING, or an error. Bytes and
 * flags are its own and outlive the call, for the system may write there later.
 */
typedef int (*overlapped_begin)(SOCKET native, WSAOVERLAPPED *overlapped, DWORD *bytes,
                                DWORD *flags, void *argument);

/*
 * Runs a native operation for the client: 0 if it finished at once, with its bytes and flags, and
 * the client has been told; WSA_IO_PENDING if it will be told; or an error, and it will hear no
 * more.
 */
int overlapped_run(struct socket *socket, const struct overlapped_call *call,
                   overlapped_begin begin, void *argument, DWORD *bytes, DWORD *flags);

/* The last clean-up has begun: what ends from now on ends without a word (CLEANUP-02, K9). */
void overlapped_fall_silent(void);
/* Nothing is left of it, and another start-up may come. */
void overlapped_close(void);

#endif
