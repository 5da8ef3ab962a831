/*
 * A conforming variant is the reference provider with one layer in front of it, which behaves
 * differently where the texts leave freedom. No case may fail it.
 *
 * A variant is one file: what it does differently, and a record that says what allows it. It sees
 * the calls into the provider from outside: before, at each turn of the blocking callback, after.
 */
#ifndef WSPCTS_VARIANT_H
#define WSPCTS_VARIANT_H

#include "flawed/support/layer.h"

/* The entries of the proc table, WSPCancelBlockingCall left out: it has a hook of its own. */
enum entry {
    ENTRY_WSPAccept,
    ENTRY_WSPAddressToString,
    ENTRY_WSPAsyncSelect,
    ENTRY_WSPBind,
    ENTRY_WSPCleanup,
    ENTRY_WSPCloseSocket,
    ENTRY_WSPConnect,
    ENTRY_WSPDuplicateSocket,
    ENTRY_WSPEnumNetworkEvents,
    ENTRY_WSPEventSelect,
    ENTRY_WSPGetOverlappedResult,
    ENTRY_WSPGetPeerName,
    ENTRY_WSPGetSockName,
    ENTRY_WSPGetSockOpt,
    ENTRY_WSPGetQOSByName,
    ENTRY_WSPIoctl,
    ENTRY_WSPJoinLeaf,
    ENTRY_WSPListen,
    ENTRY_WSPRecv,
    ENTRY_WSPRecvDisconnect,
    ENTRY_WSPRecvFrom,
    ENTRY_WSPSelect,
    ENTRY_WSPSend,
    ENTRY_WSPSendDisconnect,
    ENTRY_WSPSendTo,
    ENTRY_WSPSetSockOpt,
    ENTRY_WSPShutdown,
    ENTRY_WSPSocket,
    ENTRY_WSPStringToAddress
};

/* A call into the provider, from its entry to its return. */
struct call {
    struct call *outer; /* the call in whose callback, condition function or APC it was made */
    enum entry entry;
    SOCKET socket;               /* INVALID_SOCKET for what is about none, or about several */
    ULONGLONG entered;           /* milliseconds */
    INT_PTR returned;            /* what the entry returned */
    bool cancelled;              /* a WSPCancelBlockingCall made in its callback returned 0 */
    bool in_callback;            /* the client's callback runs just now */
    unsigned turns;              /* how often the callback was to run so far */
    ULONGLONG since;             /* for the variant; 0 at first */
    DWORD catalog;               /* for which entry the callback was asked for */
    LPBLOCKINGCALLBACK callback; /* the client's, once it was asked for; or NULL */
    DWORD_PTR context;

    const struct sockaddr *name; /* WSPConnect */
    int name_length;
    fd_set *sets[3];    /* WSPSelect: to read, to write, for exceptions; each may be NULL */
    DWORD *transferred; /* WSPRecv, WSPRecvFrom */
    LPINT error_cell;   /* the client's lpErrno */
};

struct variant {
    const char *requirement; /* the row of the catalogue that leaves the freedom */
    const char *why_allowed; /* in one sentence, with the statement */
    const char *touches;     /* shell patterns of the cases that the freedom touches */
    const char *warned_by;   /* of those that rightly warn, because a SHOULD is not met; or NULL */
    const char
        *hidden_from; /* of those to which it gives no chance, rightly inconclusive; or NULL */

    /* Each may be NULL. */

    /* Before a call: 0, or the error with which it is refused. */
    int (*before)(struct call *call);
    /* In place of the client's callback: what it returns is what the provider beneath gets. */
    BOOL (*turn)(struct call *call);
    bool turns_without_callback; /* a turn also where the client has no callback */
    /* After a call, with its error or 0: returns the error to report, or 0. */
    int (*after)(struct call *call, int error);
    /* In place of WSPCancelBlockingCall, in the callback of `call`, or NULL outside any callback:
     * returns an error or 0. */
    int (*cancel)(struct call *call);

    /* As those of a flaw; change_table comes last. */
    void (*change_upcalls)(WSPUPCALLTABLE *upcalls);
    void (*change_table)(WSPPROC_TABLE *table);
    int (*start)(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table);
};

/* Each variant defines its own. */
extern const struct variant variant;

/* Lets the client's callback of a call run; TRUE where there is none. */
BOOL variant_call_back(struct call *call);

/* Cancels as the provider beneath does: an error or 0. */
int variant_cancel(void);

/* The innermost call of this thread whose callback runs just now, or NULL. */
struct call *variant_call_in_callback(void);

/* What a variant remembers of a socket: a number of its own, 0 if none. */
void mark_socket(SOCKET socket, ULONGLONG mark);
ULONGLONG mark_of_socket(SOCKET socket);

/* Resets the connection of a socket: whatever follows but closing fails with WSAECONNABORTED. */
void abort_socket(SOCKET socket);

/* True if the provider beneath has reset the connection of a socket. */
bool socket_is_aborted(SOCKET socket);

/* True for one of SOCK_STREAM. */
bool socket_is_stream(SOCKET socket);

/* The catalog entry that a socket was opened with, 0 for what is no socket. */
DWORD catalog_of_socket(SOCKET socket);

#endif
