/*
 * The sockets: from the client's handle to the system's own socket, and back.
 *
 * A socket is reached by a reference (acquire, release), so that its memory outlives a close by
 * another thread, and its native socket is used under its lock, so that a close cannot slip in
 * between the check and the use. The lock is held over one native operation that returns at once,
 * never over a wait, a callback or an upcall. Whoever waits for the native socket says so (watch,
 * unwatch), and a close leaves it to the last of them to end it.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdbool.h>
#include <winsock2.h>

/* What an accepted socket has from its listener. */
struct socket_traits {
    WSAPROTOCOL_INFOW protocol; /* the catalog entry it was opened with */
    int type;                   /* SOCK_STREAM or SOCK_DGRAM */
    bool overlapped;            /* opened for overlapped operations */
    bool nonblocking;           /* as the client sees it; the native socket always is */
    long events;                /* which events are watched: while not 0, no way back to blocking */
    HWND window;                /* where WSPAsyncSelect has them told, or NULL */
    unsigned message;           /* and by what */
    struct linger linger;       /* the client's; the native socket has its own, see close.c */
    DWORD receive_timeout;      /* in milliseconds, 0 for none */
    DWORD send_timeout;
};

enum socket_state {
    SOCKET_OPEN,
    SOCKET_ABORTED, /* reset by us, all but WSPCloseSocket fails with WSAECONNABORTED */
    SOCKET_CLOSED   /* closed, or going with the last WSPCleanup */
};

/* A connection that was taken from the native backlog but not given to the client. */
struct pending_connection {
    struct pending_connection *next;
    SOCKET native;
    SOCKADDR_STORAGE peer;
    int peer_length;
};

struct socket {
    struct socket *next; /* in its bucket */
    DWORD_PTR id;        /* the context of its handle */
    SOCKET handle;       /* the client's */
    volatile LONG references;
    struct socket_traits traits;
    bool sending_ended; /* the client shut down its sending side */

    SRWLOCK lock; /* over what follows */
    enum socket_state state;
    SOCKET native;
    unsigned watchers;                  /* waits for the native socket that are under way */
    struct async_watch *watch;          /* of WSPAsyncSelect, or NULL */
    bool attached;                      /* to the completion port */
    unsigned operations;                /* overlapped ones that are under way */
    bool reset;                         /* how it is to end when it is no longer open */
    struct pending_connection *pending; /* of a listener: in the order of their arrival */
};

/* Makes a native socket the client's: 0 and its new handle, or an error, and it is left alone. */
int sockets_publish(SOCKET native, const struct socket_traits *traits, SOCKET *handle);

/* The socket behind a handle: 0, what startup_enter says, or WSAENOTSOCK. */
int sockets_acquire(SOCKET handle, struct socket **found);
void sockets_release(struct socket *socket);

/* 0, with the native socket open until sockets_unlock; or WSAECONNABORTED, WSAENOTSOCK, or
 * WSAENETDOWN. */
int sockets_lock(struct socket *socket);
void sockets_unlock(struct socket *socket);

/* The native socket to wait for, without the lock; it is not closed before sockets_unwatch. */
int sockets_watch(struct socket *socket, SOCKET *native);
void sockets_unwatch(struct socket *socket);

/* Under the lock, for an overlapped operation that has begun: keeps the socket's memory, its native
 * socket and its handle until sockets_let_go. It does not keep the last WSPCleanup waiting, which
 * ends the operation instead. */
void sockets_hold(struct socket *socket);
void sockets_let_go(struct socket *socket);

/* Acquires and locks in one, for the calls which need no more than one native operation. */
int sockets_use(SOCKET handle, struct socket **found);
void sockets_done(struct socket *socket);

/* Ends a socket, gracefully or by a reset: 0, or WSAENOTSOCK if another thread was faster. */
int sockets_close(struct socket *socket, bool reset);
/* Resets the connection but keeps the handle, for which there is only WSPCloseSocket left. */
void sockets_abort(struct socket *socket);
/* Ends whatever is open. */
void sockets_reset_all(void);

/* Closes a native socket so that the peer sees a reset. */
void sockets_reset_native(SOCKET native);

#endif
