/* The endpoints, and what the client knows them by. */
#include "apart.h"

#include <stdlib.h>
#include <string.h>

CRITICAL_SECTION lock;
WSPUPCALLTABLE upcalls;
unsigned starts;
struct endpoint *endpoints;

int conclude(int code, int *error)
{
    if (code == 0) {
        return 0;
    }
    *error = code;
    return SOCKET_ERROR;
}

static struct endpoint *by_handle(SOCKET handle)
{
    struct endpoint *endpoint = endpoints;
    while (endpoint != NULL && endpoint->handle != handle) {
        endpoint = endpoint->next;
    }
    return endpoint;
}

static struct endpoint *by_context(SOCKET handle)
{
    DWORD_PTR context = 0;
    int error = 0;
    LeaveCriticalSection(&lock);
    const int known = upcalls.lpWPUQuerySocketHandleContext(handle, &context, &error);
    EnterCriticalSection(&lock);
    struct endpoint *endpoint = known == 0 ? endpoints : NULL;
    while (endpoint != NULL && (DWORD_PTR)endpoint != context) {
        endpoint = endpoint->next;
    }
    return endpoint;
}

int enter_any(SOCKET handle, struct endpoint **found)
{
    EnterCriticalSection(&lock);
    if (starts == 0) {
        leave();
        return WSANOTINITIALISED;
    }
    struct endpoint *endpoint = by_handle(handle);
    if (endpoint == NULL || endpoint->plate == INVALID_SOCKET) {
        endpoint = by_context(handle);
    }
    if (endpoint == NULL) {
        leave();
        return WSAENOTSOCK;
    }
    *found = endpoint;
    return 0;
}

int enter(SOCKET handle, struct endpoint **found)
{
    const int code = enter_any(handle, found);
    if (code == 0 && (*found)->spent != 0) {
        const int spent = (*found)->spent;
        *found = NULL;
        leave();
        return spent;
    }
    return code;
}

void leave(void)
{
    LeaveCriticalSection(&lock);
}

void hold(struct endpoint *endpoint)
{
    endpoint->holders++;
}

static void free_deferred(struct endpoint *endpoint)
{
    while (endpoint->deferred != NULL) {
        struct arrival *arrival = endpoint->deferred;
        endpoint->deferred = arrival->next;
        closesocket(arrival->system);
        free(arrival);
    }
}

void release(struct endpoint *endpoint)
{
    if (--endpoint->holders == 0) {
        free(endpoint->stash);
        free(endpoint);
    }
}

/* The service flags of the entry say which of the two kinds of handles its sockets have. */
static int make_handle(struct endpoint *endpoint)
{
    int code = 0;
    const DWORD id = endpoint->entry.dwCatalogEntryId;
    endpoint->plate = INVALID_SOCKET;
    if ((endpoint->entry.dwServiceFlags1 & XP1_IFS_HANDLES) == 0) {
        endpoint->handle = upcalls.lpWPUCreateSocketHandle(id, (DWORD_PTR)endpoint, &code);
        return endpoint->handle == INVALID_SOCKET ? code : 0;
    }
    endpoint->plate = WSASocketW(endpoint->family, endpoint->type, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (endpoint->plate == INVALID_SOCKET) {
        return WSAGetLastError();
    }
    endpoint->handle = upcalls.lpWPUModifyIFSHandle(id, endpoint->plate, &code);
    if (endpoint->handle == INVALID_SOCKET) {
        closesocket(endpoint->plate);
        return code;
    }
    return 0;
}

int make_endpoint(SOCKET system, const WSAPROTOCOL_INFOW *entry, int family, int type,
                  struct endpoint **made)
{
    struct endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (endpoint == NULL) {
        return WSAENOBUFS;
    }
    endpoint->holders = 1;
    endpoint->system = system;
    endpoint->entry = *entry;
    endpoint->family = family;
    endpoint->type = type;
    endpoint->look = true;
    const int code = make_handle(endpoint);
    if (code != 0) {
        free(endpoint);
        return code;
    }
    u_long on = 1;
    ioctlsocket(system, (long)FIONBIO, &on);
    EnterCriticalSection(&lock);
    endpoint->next = endpoints;
    endpoints = endpoint;
    LeaveCriticalSection(&lock);
    *made = endpoint;
    return 0;
}

void close_system(struct endpoint *endpoint, bool hard)
{
    const SOCKET system = endpoint->system;
    if (system == INVALID_SOCKET) {
        return;
    }
    endpoint->system = INVALID_SOCKET;
    look_away(endpoint);
    if (hard) {
        const LINGER at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(system, SOL_SOCKET, SO_LINGER, (const char *)&at_once, sizeof at_once);
    }
    closesocket(system);
}

void discard(struct endpoint *endpoint, bool hard)
{
    struct endpoint **link = &endpoints;
    while (*link != NULL && *link != endpoint) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        return;
    }
    *link = endpoint->next;
    close_system(endpoint, hard);
    free_deferred(endpoint);
    int error = 0;
    if (endpoint->plate != INVALID_SOCKET) {
        closesocket(endpoint->plate);
    } else {
        upcalls.lpWPUCloseSocketHandle(endpoint->handle, &error);
    }
    release(endpoint);
}
