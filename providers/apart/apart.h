/*
 * A second whole base provider, built otherwise than the reference provider: one service thread for
 * the process does what cannot be done at once, every call is a request that is handed to it, and
 * what was cancelled is a request and never a thread. Everything below is guarded by one lock,
 * which is never held while code of the client runs.
 */
#ifndef PROVIDERS_APART_APART_H
#define PROVIDERS_APART_APART_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <ws2spi.h>
#include <windows.h>

#include <stdbool.h>

enum readiness { READABLE = 1, WRITABLE = 2, EXCEPTIONAL = 4 };

/* A connection that the system has accepted, and the client not yet. */
struct arrival {
    struct arrival *next;
    SOCKET system;
    SOCKADDR_STORAGE name;
    int name_length;
};

struct endpoint {
    struct endpoint *next;
    unsigned holders;
    SOCKET handle; /* what the client knows it by */
    SOCKET plate;  /* an IFS handle that stays when the connection is reset; else INVALID_SOCKET */
    SOCKET system; /* INVALID_SOCKET once the connection has been reset */
    WSAPROTOCOL_INFOW entry;
    int family;
    int type;
    bool nonblocking;
    bool listening;
    bool connecting;
    bool connected;
    bool refused; /* the last attempt to connect failed, and nobody was told */
    int failure;  /* what SO_ERROR says next */
    int spent;    /* what everything but closing fails with */
    LINGER linger;
    DWORD receive_timeout; /* milliseconds; 0 is none */
    DWORD send_timeout;
    char *stash; /* bytes that a cancelled call gave back */
    size_t stashed;
    struct arrival *deferred;

    HWND window;
    unsigned message;
    WSAEVENT event;
    long interest;
    long armed; /* events that may be told of next */
    bool look;  /* whether reading may find something new */
    long recorded;
    int codes[FD_MAX_EVENTS];

    unsigned want; /* enum readiness, for the service thread */
    unsigned got;
    bool polled;
};

enum kind { CONNECT, ACCEPT, RECEIVE, SEND, SELECT, LINGER_ON, CONTROL };

/* What a WSPSelect looks at: for each of its three sets the members, and which of them are ready.
 */
struct watch {
    u_int count[3];
    struct endpoint **members[3];
    bool *ready[3];
};

struct request {
    struct request *next;
    enum kind kind;
    struct endpoint *endpoint;
    bool started;
    bool queued;
    bool finished;
    bool cancelled;
    int error;
    DWORD bytes;

    WSABUF *buffers; /* a copy, from which what is done is taken off */
    DWORD count;
    const WSABUF *given; /* the client's own, of a call that waits */
    DWORD flags;
    struct sockaddr *name;
    int *name_length;
    SOCKADDR_STORAGE destination;
    int destination_length;

    struct arrival *arrived;
    struct watch *watch;
    OVERLAPPED pending; /* CONTROL: the system's own operation */

    HANDLE wake;
    struct request *outer; /* the call of the same thread in whose callback this one was made */

    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    WSATHREADID thread;
    bool opened; /* the thread's id is our own to close */
    SOCKET handle;
    bool ifs;
};

extern CRITICAL_SECTION lock;
extern WSPUPCALLTABLE upcalls;
extern unsigned starts;
extern struct endpoint *endpoints;

/* Stores `code` at `error` unless it is 0. Returns 0 or SOCKET_ERROR. */
int conclude(int code, int *error);

/* Finds an endpoint by its handle. On success, which is 0, the lock is held; otherwise it is not,
 * and the code of the error is returned. A spent endpoint is found by enter_any alone. */
int enter(SOCKET handle, struct endpoint **found);
int enter_any(SOCKET handle, struct endpoint **found);
void leave(void);

void hold(struct endpoint *endpoint);
void release(struct endpoint *endpoint);

/* Makes an endpoint over `system`, which it owns on success, and its handle. Returns 0 or a code.
 */
int make_endpoint(SOCKET system, const WSAPROTOCOL_INFOW *entry, int family, int type,
                  struct endpoint **made);

/* Closes the system's socket when the service thread no longer looks at it; lock held. */
void close_system(struct endpoint *endpoint, bool hard);

/* Takes the endpoint from the list and gives its handle up; lock held. */
void discard(struct endpoint *endpoint, bool hard);

/* Does a request: at once, or after waiting for it where `blocking`, at most `patience` ms (0: for
 * ever). The lock is held on entry and on return, not while it waits. Returns 0 or a code. */
int perform(struct request *request, bool blocking, DWORD patience);

/* Does an overlapped request, which it owns from then on. Returns 0, WSA_IO_PENDING or a code. */
int perform_later(struct request *request, DWORD *bytes);

/* Ends whatever waits on the endpoint, with `code`, overlapped operations as aborted; lock held. */
void end_requests(struct endpoint *endpoint, int code);

/* Ends the newest call that the calling thread waits in. Returns 0 or WSAEINVAL. */
int cancel_newest(void);

/* Waits for an overlapped operation to be complete; lock held. */
void await_overlapped(const WSAOVERLAPPED *overlapped);

/* Ends everything and the service thread; lock held, and let go meanwhile. */
void stop_service(void);

/* Tells the service thread that there is something new to look at; lock held. */
void ring(void);

/* Waits for the service thread to look away from the endpoint; lock held, and let go meanwhile. */
void look_away(struct endpoint *endpoint);

/* Tries to do a request without waiting; lock held. Returns whether it is done, or has failed. */
bool attempt(struct request *request);

/* Keeps the bytes that a receive has taken for the next one; lock held. */
void give_back(struct request *request);

/* Finds out whether a pending connect is done; lock held. */
void settle_connect(struct endpoint *endpoint);

/* Has the service thread look for what was registered; lock held. Returns 0 or a code. */
int look_after_notices(void);

unsigned wanted_for_notices(const struct endpoint *endpoint);
void tell(struct endpoint *endpoint, long event, int code);
void tell_of(struct endpoint *endpoint);
void rearm(struct endpoint *endpoint, long events);

SOCKET WSPAPI apart_accept(SOCKET, struct sockaddr *, LPINT, LPCONDITIONPROC, DWORD_PTR, LPINT);
int WSPAPI apart_connect(SOCKET, const struct sockaddr *, int, LPWSABUF, LPWSABUF, LPQOS, LPQOS,
                         LPINT);
int WSPAPI apart_recv(SOCKET, LPWSABUF, DWORD, LPDWORD, LPDWORD, LPWSAOVERLAPPED,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT);
int WSPAPI apart_recv_from(SOCKET, LPWSABUF, DWORD, LPDWORD, LPDWORD, struct sockaddr *, LPINT,
                           LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID,
                           LPINT);
int WSPAPI apart_send(SOCKET, LPWSABUF, DWORD, LPDWORD, DWORD, LPWSAOVERLAPPED,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT);
int WSPAPI apart_send_to(SOCKET, LPWSABUF, DWORD, LPDWORD, DWORD, const struct sockaddr *, int,
                         LPWSAOVERLAPPED, LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT);
int WSPAPI apart_select(int, fd_set *, fd_set *, fd_set *, const PTIMEVAL, LPINT);
BOOL WSPAPI apart_get_overlapped_result(SOCKET, LPWSAOVERLAPPED, LPDWORD, BOOL, LPDWORD, LPINT);
int WSPAPI apart_get_option(SOCKET, int, int, char *, LPINT, LPINT);
int WSPAPI apart_set_option(SOCKET, int, int, const char *, int, LPINT);
int WSPAPI apart_ioctl(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE, LPWSATHREADID, LPINT);
int WSPAPI apart_async_select(SOCKET, HWND, unsigned, long, LPINT);
int WSPAPI apart_event_select(SOCKET, WSAEVENT, long, LPINT);
int WSPAPI apart_enum_network_events(SOCKET, WSAEVENT, LPWSANETWORKEVENTS, LPINT);

#endif
