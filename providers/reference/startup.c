/*
 * WSPStartup and WSPCleanup.
 *
 * Start-up does little: it counts, remembers the upcalls, and fills the table. There are no threads
 * and nothing else to be expensive (STARTUP-07). The last clean-up is the hard one: it has to end
 * what other threads are blocked in, and may not return while one of them still executes here,
 * because the DLL may be unloaded as soon as it returns (CLEANUP-01, CLEANUP-03).
 */
#include "startup.h"

#include <stdbool.h>
#include <string.h>

#include "cancel.h"
#include "entries.h"
#include "overlapped.h"
#include "reference.h"
#include "result.h"
#include "sockets.h"
#include "upcalls.h"

static const WORD startup__lowest = MAKEWORD(1, 1);
static const WORD startup__lowest_nesting = MAKEWORD(2, 0);
static const WORD startup__highest = MAKEWORD(2, 2);

static SRWLOCK startup__lock = SRWLOCK_INIT;
static CONDITION_VARIABLE startup__empty = CONDITION_VARIABLE_INIT;
static unsigned startup__count; /* start-ups not yet balanced by a clean-up */
static unsigned startup__calls; /* calls inside the gate */
static bool startup__ending;    /* the last clean-up is under way */
static WORD startup__version;   /* settled on by the latest start-up */
static WSAPROTOCOL_INFOW startup__protocol;

static const WSPPROC_TABLE startup__table = {
    .lpWSPAccept = WSPAccept,
    .lpWSPAddressToString = WSPAddressToString,
    .lpWSPAsyncSelect = WSPAsyncSelect,
    .lpWSPBind = WSPBind,
    .lpWSPCancelBlockingCall = WSPCancelBlockingCall,
    .lpWSPCleanup = WSPCleanup,
    .lpWSPCloseSocket = WSPCloseSocket,
    .lpWSPConnect = WSPConnect,
    .lpWSPDuplicateSocket = WSPDuplicateSocket,
    .lpWSPEnumNetworkEvents = WSPEnumNetworkEvents,
    .lpWSPEventSelect = WSPEventSelect,
    .lpWSPGetOverlappedResult = WSPGetOverlappedResult,
    .lpWSPGetPeerName = WSPGetPeerName,
    .lpWSPGetSockName = WSPGetSockName,
    .lpWSPGetSockOpt = WSPGetSockOpt,
    .lpWSPGetQOSByName = WSPGetQOSByName,
    .lpWSPIoctl = WSPIoctl,
    .lpWSPJoinLeaf = WSPJoinLeaf,
    .lpWSPListen = WSPListen,
    .lpWSPRecv = WSPRecv,
    .lpWSPRecvDisconnect = WSPRecvDisconnect,
    .lpWSPRecvFrom = WSPRecvFrom,
    .lpWSPSelect = WSPSelect,
    .lpWSPSend = WSPSend,
    .lpWSPSendDisconnect = WSPSendDisconnect,
    .lpWSPSendTo = WSPSendTo,
    .lpWSPSetSockOpt = WSPSetSockOpt,
    .lpWSPShutdown = WSPShutdown,
    .lpWSPSocket = WSPSocket,
    .lpWSPStringToAddress = WSPStringToAddress,
};

/* A version word has its major number in the low byte: to compare two, turn them round. */
static unsigned startup__rank(WORD version)
{
    return (unsigned)LOBYTE(version) << 8 | HIBYTE(version);
}

/* What the first start-up needs from the system. */
static int startup__begin(void)
{
    WSADATA data;
    if (WSAStartup(startup__highest, &data) != 0) {
        return WSASYSNOTREADY;
    }
    if (!cancel_initialise()) {
        WSACleanup();
        return WSASYSNOTREADY;
    }
    return 0;
}

int reference_startup(WORD wVersionRequested, LPWSPDATA lpWSPData,
                      LPWSAPROTOCOL_INFOW lpProtocolInfo, WSPUPCALLTABLE UpcallTable,
                      LPWSPPROC_TABLE lpProcTable)
{
    if (lpWSPData == NULL || lpProtocolInfo == NULL || lpProcTable == NULL) {
        return WSAEFAULT;
    }
    if (startup__rank(wVersionRequested) < startup__rank(startup__lowest)) {
        return WSAVERNOTSUPPORTED;
    }

    bool older = startup__rank(wVersionRequested) < startup__rank(startup__highest);
    WORD version = older ? wVersionRequested : startup__highest;
    AcquireSRWLockExclusive(&startup__lock);
    int error = startup__ending ? WSASYSNOTREADY : 0;
    if (error == 0 && startup__count == 0) {
        error = startup__begin();
    }
    if (error == 0) {
        startup__count++;
        startup__version = version;
        startup__protocol = *lpProtocolInfo;
        /* The table of the latest start-up replaces the earlier ones (STARTUP-05). */
        upcalls_set(&UpcallTable);
    }
    ReleaseSRWLockExclusive(&startup__lock);
    if (error != 0) {
        return error;
    }

    memset(lpWSPData, 0, sizeof *lpWSPData);
    lpWSPData->wVersion = version;
    lpWSPData->wHighVersion = startup__highest;
    lstrcpynW(lpWSPData->szDescription, L"wspcts reference provider", WSPDESCRIPTION_LEN + 1);
    *lpProcTable = startup__table;
    return 0;
}

/* Counts one start-up less; *last tells that it was the last. */
static int startup__uncount(bool *last)
{
    AcquireSRWLockExclusive(&startup__lock);
    int error = 0;
    *last = startup__count == 1;
    if (startup__count == 0) {
        error = WSANOTINITIALISED;
    } else if (*last && cancel_is_inside()) {
        /* From a callback of this very thread the clean-up would wait for itself. */
        error = WSAEINPROGRESS;
    } else {
        startup__count--;
        startup__ending = *last;
    }
    ReleaseSRWLockExclusive(&startup__lock);
    return error;
}

int WSPAPI WSPCleanup(LPINT lpErrno)
{
    bool last;
    int error = startup__uncount(&last);
    if (error != 0 || !last) {
        return result(error, lpErrno);
    }

    /* From here nobody comes in. Resetting the sockets ends what the others are blocked in
     * (CLEANUP-01, CLEANUP-04); then they only have to be waited for. The few instructions between
     * a thread's startup_leave and its return to the client are out of any provider's reach. */
    overlapped_fall_silent();
    sockets_reset_all();
    AcquireSRWLockExclusive(&startup__lock);
    while (startup__calls != 0) {
        SleepConditionVariableSRW(&startup__empty, &startup__lock, INFINITE, 0);
    }
    ReleaseSRWLockExclusive(&startup__lock);

    /* A call that was inside already may have made one more socket. */
    sockets_reset_all();
    overlapped_close();
    cancel_uninitialise();
    WSACleanup();

    AcquireSRWLockExclusive(&startup__lock);
    startup__ending = false;
    ReleaseSRWLockExclusive(&startup__lock);
    return 0;
}

/* In version 1.1 a thread has one call outstanding at most, and its blocking callback may make no
 * other (REENT-05). */
static bool startup__allows_no_more(void)
{
    return startup__rank(startup__version) < startup__rank(startup__lowest_nesting) &&
           cancel_is_inside();
}

static int startup__enter(bool cancels)
{
    AcquireSRWLockExclusive(&startup__lock);
    int error = 0;
    if (startup__count == 0) {
        error = WSANOTINITIALISED;
    } else if (!cancels && startup__allows_no_more()) {
        error = WSAEINPROGRESS;
    } else {
        startup__calls++;
    }
    ReleaseSRWLockExclusive(&startup__lock);
    return error;
}

int startup_enter(void)
{
    return startup__enter(false);
}

int startup_enter_to_cancel(void)
{
    return startup__enter(true);
}

void startup_leave(void)
{
    AcquireSRWLockExclusive(&startup__lock);
    if (--startup__calls == 0) {
        /* Under the lock: once it is free, this DLL may be gone. */
        WakeAllConditionVariable(&startup__empty);
    }
    ReleaseSRWLockExclusive(&startup__lock);
}

void startup_protocol(WSAPROTOCOL_INFOW *protocol)
{
    AcquireSRWLockShared(&startup__lock);
    *protocol = startup__protocol;
    ReleaseSRWLockShared(&startup__lock);
}
