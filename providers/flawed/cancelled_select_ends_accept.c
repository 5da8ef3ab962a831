#include "flawed/support/layer.h"

enum { ACCEPTS_MAX = 8 };

/* The WSPAccept calls under way. */
static struct accepting {
    SOCKET listener;
    volatile bool called_off;
} accepts[ACCEPTS_MAX];

static SRWLOCK lock = SRWLOCK_INIT;
static __thread struct accepting *current;
static __thread LPBLOCKINGCALLBACK client_callback;

static BOOL CALLBACK take_turn(DWORD_PTR context)
{
    BOOL answer = client_callback != NULL ? client_callback(context) : TRUE;
    int ignored;

    if (current != NULL && current->called_off) {
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && current != NULL) {
        client_callback = *callback;
        *callback = take_turn;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static struct accepting *enter(SOCKET listener)
{
    struct accepting *place = NULL;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < ACCEPTS_MAX && place == NULL; i++) {
        if (accepts[i].listener == 0) {
            place = &accepts[i];
            place->listener = listener;
            place->called_off = false;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return place;
}

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    struct accepting *outer = current;
    SOCKET accepted;

    current = enter(s);
    accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    if (current != NULL) {
        current->listener = 0;
    }
    current = outer;
    return accepted;
}

/* A cancel is noted with the sockets of the cancelled call. */
static void call_off(const fd_set *set)
{
    const SOCKET *sockets = set->fd_array;

    AcquireSRWLockExclusive(&lock);
    for (u_int i = 0; i < set->fd_count; i++) {
        for (int j = 0; j < ACCEPTS_MAX; j++) {
            if (accepts[j].listener == sockets[i]) {
                accepts[j].called_off = true;
            }
        }
    }
    ReleaseSRWLockExclusive(&lock);
}

static int WSPAPI select_some(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                              const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && to_read != NULL) {
        call_off(to_read);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
    table->lpWSPSelect = select_some;
}

const struct flaw flaw = {
    .requirement = "THR-03",
    .what = "a cancelled WSPSelect also ends another thread's WSPAccept on a listener in its set",
    .caught_by = "thread/cancel_beside_another_call/select_beside_accept_*"
                 " thread/cancel_beside_another_call/select_beside_earlier_accept_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
