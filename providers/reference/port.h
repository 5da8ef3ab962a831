/*
 * The completion port: where the native overlapped operations of all sockets come back, and the one
 * thread that waits there. Both are made by the first overlapped call, for start-up is to start no
 * thread (STARTUP-07), and are gone before the last WSPCleanup returns.
 */
#ifndef PORT_H
#define PORT_H

#include <winsock2.h>

/* A native operation. What stands behind it is its owner's, as this is the first member. */
struct port_operation {
    WSAOVERLAPPED native;
    /* Called on the port's thread, once, when an operation that was pending has ended. */
    void (*ended)(struct port_operation *operation);
};

/* Lets the operations of a native socket come back here: 0 or an error. Those that finish at once
 * do not, and need not. */
int port_attach(SOCKET native);

/* Before and after a native operation is started: which of them are still to come back. */
void port_expect(void);
void port_expect_no_more(void);

/* Waits for what is still to come back, and ends the thread. No new operation begins by then. */
void port_close(void);

#endif
