#include "variants/support/leaving.h"

/*
 * Windows' own stack, as far as others have seen it: a call whose socket is closed by another
 * thread ends with WSAEINTR, but for a select, which goes on; a second cancel finds nothing to do;
 * lingering, ioctls and the wait for an overlapped result lie in the system, without callbacks.
 */
enum { TURN = 15 };

struct stay {
    bool cancelled;
};

static WSPPROC_TABLE beneath;
static WSPUPCALLTABLE above;
static DWORD stay_slot = TLS_OUT_OF_INDEXES;

static int WSPAPI query(DWORD catalog, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context,
                        LPINT error)
{
    int returned = above.lpWPUQueryBlockingCallback(catalog, callback, context, error);
    const struct call *call = (const struct call *)*context;

    if (returned == 0 && (call->entry == ENTRY_WSPCloseSocket || call->entry == ENTRY_WSPIoctl ||
                          call->entry == ENTRY_WSPGetOverlappedResult)) {
        *callback = NULL;
    }
    return returned;
}

static int end_as_windows(struct call *call, int error)
{
    bool ends = call->entry == ENTRY_WSPAccept || call->entry == ENTRY_WSPConnect ||
                call->entry == ENTRY_WSPRecvFrom || call->entry == ENTRY_WSPSendTo;

    return error == WSAENOTSOCK && call->turns > 0 && ends ? WSAEINTR : error;
}

static int cancel_once(struct call *call)
{
    return call != NULL && call->cancelled ? WSAEINVAL : variant_cancel();
}

/* What is blocked further in comes first. */
static int WSPAPI cancel(LPINT error)
{
    struct stay *stay = TlsGetValue(stay_slot);
    int code;
    int returned = beneath.lpWSPCancelBlockingCall(&code);

    if (returned != 0 && code == WSAEINVAL && stay != NULL && !stay->cancelled) {
        stay->cancelled = true;
        return 0;
    }
    if (returned != 0) {
        *error = code;
    }
    return returned;
}

/* The socket that is alone in the sets; or INVALID_SOCKET. */
static SOCKET only_one(fd_set *const sets[3])
{
    SOCKET only = INVALID_SOCKET;

    for (int i = 0; i < 3; i++) {
        for (u_int k = 0; sets[i] != NULL && k < sets[i]->fd_count; k++) {
            if (only != INVALID_SOCKET && sets[i]->fd_array[k] != only) {
                return INVALID_SOCKET;
            }
            only = sets[i]->fd_array[k];
        }
    }
    return only;
}

/* Its socket is gone: WSAEINTR, or 0 at the time-out. */
static int stay_blocked(DWORD catalog, ULONGLONG until)
{
    struct stay stay = {.cancelled = false};
    struct stay *outer = TlsGetValue(stay_slot);
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context;
    int error;

    if (client.lpWPUQueryBlockingCallback(catalog, &callback, &context, &error) != 0) {
        callback = NULL;
    }
    TlsSetValue(stay_slot, &stay);
    while (is_started() && !stay.cancelled && GetTickCount64() < until) {
        if (callback != NULL) {
            callback(context);
        }
        if (!stay.cancelled) {
            SleepEx(TURN, TRUE);
        }
    }
    TlsSetValue(stay_slot, outer);
    return stay.cancelled || !is_started() ? WSAEINTR : 0;
}

static int WSPAPI select_on(int ignored, fd_set *read, fd_set *write, fd_set *except,
                            const PTIMEVAL timeout, LPINT error)
{
    fd_set *const sets[3] = {read, write, except};
    ULONGLONG until = ~0ULL;
    SOCKET only = only_one(sets);
    DWORD catalog = only != INVALID_SOCKET ? catalog_of_socket(only) : 0;
    int returned;

    layer_entered();
    if (timeout != NULL) {
        until = GetTickCount64() + (ULONGLONG)timeout->tv_sec * 1000 +
                (ULONGLONG)timeout->tv_usec / 1000;
    }
    returned = beneath.lpWSPSelect(ignored, read, write, except, timeout, error);
    if (returned == SOCKET_ERROR && *error == WSAENOTSOCK && catalog != 0) {
        int code = stay_blocked(catalog, until);

        if (code != 0) {
            *error = code;
        } else {
            for (int i = 0; i < 3; i++) {
                if (sets[i] != NULL) {
                    sets[i]->fd_count = 0;
                }
            }
            returned = 0;
        }
    }
    layer_left();
    return returned;
}

static int WSPAPI clean_up(LPINT error)
{
    int returned = beneath.lpWSPCleanup(error);

    if (returned == 0 && TlsGetValue(stay_slot) == NULL) {
        wait_for_layer();
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    if (stay_slot == TLS_OUT_OF_INDEXES) {
        stay_slot = TlsAlloc();
    }
    above = *upcalls;
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPCleanup = clean_up;
    table->lpWSPSelect = select_on;
}

const struct variant variant = {
    .requirement = "CLOSE-01",
    .why_allowed = "with which error a close by another thread ends a call no text says, and some "
                   "stacks leave a select blocked; a second cancel may say WSAEINVAL (CBC-19); a "
                   "callback in a lingering close or an ioctl is a SHOULD (BHK-01), and none of "
                   "WSPGetOverlappedResult's (OVL-04)",
    .touches =
        "close/ends_* startup/last_clean_up_ends_blocked_calls/* cancel/twice_in_one_callback/*",
    .warned_by = "callback/is_called_in_rarer_waits/*",
    .after = end_as_windows,
    .cancel = cancel_once,
    .turns_without_callback = true,
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
