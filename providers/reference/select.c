/*
 * WSPSelect.
 *
 * It only looks: nothing about the sockets changes, whether it ends well, by time-out, or by a
 * cancel (S15, S16). The client's sets are written once, on success; after an error they are as
 * they were (SELECT-04 would allow more).
 *
 * A set is an array of handles with a count, of any size (SELECT-08): FD_SETSIZE is the client's
 * own affair, and so neither its 64 nor the nfds of other systems is looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "entries.h"
#include "result.h"
#include "sockets.h"
#include "wait.h"

enum { SET_READ, SET_WRITE, SET_EXCEPT, SETS };

struct member {
    struct socket *socket;
    SOCKET native;
};

/* One of the three sets. */
struct watch {
    fd_set *handles; /* the client's, or NULL */
    u_int count;
    struct member *members; /* the sockets behind the handles, in the same order */
    u_int watched;          /* how many of them are kept from being closed just now */
    fd_set *ready;          /* native sockets, with room for count */
};

struct select_call {
    struct blocking_call call;
    struct watch watches[SETS];
};

static bool select__contains(const fd_set *set, SOCKET native)
{
    const SOCKET *array = set->fd_array;
    for (u_int i = 0; i < set->fd_count; i++) {
        if (array[i] == native) {
            return true;
        }
    }
    return false;
}

static void select__unwatch(struct watch *watch)
{
    while (watch->watched > 0) {
        sockets_unwatch(watch->members[--watch->watched].socket);
    }
}

/* The native sockets as they are now: another thread may have closed some. */
static int select__watch(struct watch *watch)
{
    SOCKET *array = watch->ready->fd_array;
    watch->ready->fd_count = watch->count;
    while (watch->watched < watch->count) {
        struct member *member = &watch->members[watch->watched];
        int error = sockets_watch(member->socket, &member->native);
        if (error != 0) {
            return error;
        }
        array[watch->watched++] = member->native;
    }
    return 0;
}

static int select__poll(struct select_call *selecting, DWORD milliseconds)
{
    fd_set *sets[SETS];
    int error = 0;
    for (int i = 0; i < SETS && error == 0; i++) {
        error = select__watch(&selecting->watches[i]);
        sets[i] = selecting->watches[i].count != 0 ? selecting->watches[i].ready : NULL;
    }
    if (error == 0) {
        struct timeval timeout = {(long)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000};
        error =
            native_error(select(0, sets[SET_READ], sets[SET_WRITE], sets[SET_EXCEPT], &timeout));
    }
    for (int i = 0; i < SETS; i++) {
        select__unwatch(&selecting->watches[i]);
    }
    return error;
}

/* A connection which an accept has put back makes its listener readable, too. */
static bool select__is_ready(const struct watch *watch, u_int index, bool reading)
{
    const struct member *member = &watch->members[index];
    return select__contains(watch->ready, member->native) ||
           (reading && member->socket->pending != NULL);
}

static int select__attempt(struct blocking_call *call)
{
    struct select_call *selecting = (struct select_call *)call;
    int error = select__poll(selecting, 0);
    if (error != 0) {
        return error;
    }
    for (int set = 0; set < SETS; set++) {
        const struct watch *watch = &selecting->watches[set];
        for (u_int i = 0; i < watch->count; i++) {
            if (select__is_ready(watch, i, set == SET_READ)) {
                return 0;
            }
        }
    }
    return WSAEWOULDBLOCK;
}

static void select__wait(struct blocking_call *call, DWORD milliseconds)
{
    if (select__poll((struct select_call *)call, milliseconds) != 0) {
        SleepEx(0, TRUE);
    }
}

/* Leaves in the client's sets what is ready, in the order it had; returns how many. */
static int select__report(struct select_call *selecting)
{
    int total = 0;
    for (int set = 0; set < SETS; set++) {
        const struct watch *watch = &selecting->watches[set];
        if (watch->handles == NULL) {
            continue;
        }
        SOCKET *handles = watch->handles->fd_array;
        u_int kept = 0;
        for (u_int i = 0; i < watch->count; i++) {
            if (select__is_ready(watch, i, set == SET_READ)) {
                handles[kept++] = handles[i];
            }
        }
        watch->handles->fd_count = kept;
        total += (int)kept;
    }
    return total;
}

static void select__close(struct watch *watch)
{
    for (u_int i = 0; watch->members != NULL && i < watch->count; i++) {
        if (watch->members[i].socket != NULL) {
            sockets_release(watch->members[i].socket);
        }
    }
    free(watch->members);
    free(watch->ready);
}

static int select__open(struct watch *watch, fd_set *handles)
{
    watch->handles = handles;
    watch->count = handles != NULL ? handles->fd_count : 0;
    watch->members = calloc(watch->count + 1U, sizeof *watch->members);
    watch->ready = calloc(1, sizeof *watch->ready + watch->count * sizeof(SOCKET));
    if (watch->members == NULL || watch->ready == NULL) {
        return WSAENOBUFS;
    }
    const SOCKET *array = watch->count != 0 ? handles->fd_array : NULL;
    for (u_int i = 0; i < watch->count; i++) {
        int error = sockets_acquire(array[i], &watch->members[i].socket);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static int select__timeout(const struct timeval *timeout, ULONGLONG *milliseconds)
{
    if (timeout == NULL) {
        *milliseconds = WAIT_FOREVER;
        return 0;
    }
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0) {
        return WSAEINVAL;
    }
    *milliseconds = (ULONGLONG)timeout->tv_sec * 1000 +
                    ((ULONGLONG)(unsigned long)timeout->tv_usec + 999) / 1000;
    return 0;
}

static int select__run(struct select_call *selecting, int *total)
{
    const struct socket *first = NULL;
    for (int i = SETS - 1; i >= 0; i--) {
        if (selecting->watches[i].count != 0) {
            first = selecting->watches[i].members[0].socket;
        }
    }
    if (first == NULL) {
        return WSAEINVAL;
    }
    selecting->call.catalog_entry = first->traits.protocol.dwCatalogEntryId;

    /* With a time-out of zero it is a question, not a blocking call: no callback (SELECT-06). The
     * mode of the sockets does not matter; it is the call that blocks. */
    selecting->call.may_block = selecting->call.timeout != 0;
    int error = wait_until_done(&selecting->call);
    if (error == WSAETIMEDOUT || error == WSAEWOULDBLOCK) {
        error = 0;
    }
    if (error == 0) {
        *total = select__report(selecting);
    }
    return error;
}

int WSPAPI WSPSelect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                     const PTIMEVAL timeout, LPINT lpErrno)
{
    (void)nfds;

    struct select_call selecting = {.call = {.attempt = select__attempt, .wait = select__wait}};
    fd_set *const handles[SETS] = {readfds, writefds, exceptfds};
    int total = 0;
    int error = select__timeout(timeout, &selecting.call.timeout);
    for (int i = 0; i < SETS && error == 0; i++) {
        error = select__open(&selecting.watches[i], handles[i]);
    }
    if (error == 0) {
        error = select__run(&selecting, &total);
    }
    for (int i = 0; i < SETS; i++) {
        select__close(&selecting.watches[i]);
    }
    return result(error, lpErrno) == 0 ? total : SOCKET_ERROR;
}
