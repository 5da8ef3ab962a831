/*
 * WSPSend, and WSPRecv with MSG_WAITALL, that wait here instead of in the reference provider: so
 * that a flaw, or a variant, decides what becomes of a call that is cancelled when a part of it is
 * done. All else stays as it is.
 */
#ifndef WSPCTS_FLAWED_PARTWAY_H
#define WSPCTS_FLAWED_PARTWAY_H

#include "flawed/support/layer.h"

/* A cancelled call of which a part is done. */
struct partway {
    SOCKET socket;
    bool sends;
    const char *begin; /* of the client's buffer */
    DWORD moved;       /* bytes from there on */
    DWORD left;        /* after those */
};

struct partway_calls {
    /* Says with which error the call ends; 0 if it succeeds with what it has moved. */
    int (*cancelled)(const struct partway *partway);
    /* A receive takes nothing until all of it is there, and has only looked at it before. */
    bool only_looks;
};

void wrap_partway(WSPPROC_TABLE *table, struct partway_calls calls);

/* Resets the connection, as the reference provider does; ends with WSAEINTR. */
int abort_partway(const struct partway *partway);

/* The next WSPRecv on the socket gives these first, whatever has become of it. */
void put_back(SOCKET s, const char *bytes, DWORD count);
bool has_put_back(SOCKET s);

#endif
