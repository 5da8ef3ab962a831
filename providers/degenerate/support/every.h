/* The thirty entries, for what is to be done in each of them. */
#ifndef WSPCTS_DEGENERATE_EVERY_H
#define WSPCTS_DEGENERATE_EVERY_H

#include "degenerate/support/degenerate.h"

/* What an entry gives back, before it is made an int, a BOOL or a SOCKET. */
struct answer {
    INT_PTR value;
    int error; /* stored in *lpErrno unless it is 0 */
};

/* A call, as far as all thirty are alike. */
struct every_call {
    const char *name;  /* "WSPRecv" */
    INT_PTR failure;   /* what the entry gives back when it fails */
    bool gives_socket; /* WSPAccept, WSPJoinLeaf, WSPSocket */
    SOCKET socket;     /* the first argument, or 0 */
};

/* A whole table of entries that answer so, without any provider beneath. */
int every_start(WSPDATA *data, const WSAPROTOCOL_INFOW *info, WSPUPCALLTABLE upcalls,
                WSPPROC_TABLE *table, struct answer (*answer)(struct every_call));

/*
 * Answers for what is about handles alone: sockets get one from the upcalls, closing gives it back,
 * and WSPCleanup returns 0. False if the call is about something else.
 */
bool answers_for_handles(struct every_call call, struct answer *answer);

/* Every entry of a table does this first, and then what it did. */
void every_entry_first(WSPPROC_TABLE *table, void (*act)(const char *name));

#endif
