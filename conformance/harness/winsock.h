/*
 * The one place that includes the Winsock and Windows headers, and what follows from them:
 * the thirty entries of the proc table and the fifteen of the upcall table, each listed once.
 */
#ifndef WSPCTS_HARNESS_WINSOCK_H
#define WSPCTS_HARNESS_WINSOCK_H

#include <winsock2.h>

#include <ws2tcpip.h>

#include <ws2spi.h>

#include <windows.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of WSPPROC_TABLE. */
#define SPI_TABLE_ENTRIES(X)                                                                       \
    X(WSPAccept)                                                                                   \
    X(WSPAddressToString)                                                                          \
    X(WSPAsyncSelect)                                                                              \
    X(WSPBind)                                                                                     \
    X(WSPCancelBlockingCall)                                                                       \
    X(WSPCleanup)                                                                                  \
    X(WSPCloseSocket)                                                                              \
    X(WSPConnect)                                                                                  \
    X(WSPDuplicateSocket)                                                                          \
    X(WSPEnumNetworkEvents)                                                                        \
    X(WSPEventSelect)                                                                              \
    X(WSPGetOverlappedResult)                                                                      \
    X(WSPGetPeerName)                                                                              \
    X(WSPGetSockName)                                                                              \
    X(WSPGetSockOpt)                                                                               \
    X(WSPGetQOSByName)                                                                             \
    X(WSPIoctl)                                                                                    \
    X(WSPJoinLeaf)                                                                                 \
    X(WSPListen)                                                                                   \
    X(WSPRecv)                                                                                     \
    X(WSPRecvDisconnect)                                                                           \
    X(WSPRecvFrom)                                                                                 \
    X(WSPSelect)                                                                                   \
    X(WSPSend)                                                                                     \
    X(WSPSendDisconnect)                                                                           \
    X(WSPSendTo)                                                                                   \
    X(WSPSetSockOpt)                                                                               \
    X(WSPShutdown)                                                                                 \
    X(WSPSocket)                                                                                   \
    X(WSPStringToAddress)

/* What else of the provider is called, or runs its code. */
#define SPI_OUTSIDE_TABLE(X)                                                                       \
    X(LoadLibrary)                                                                                 \
    X(WSPStartup)                                                                                  \
    X(FreeLibrary)

enum spi_function {
#define X(name) SPI_##name,
    SPI_TABLE_ENTRIES(X) SPI_OUTSIDE_TABLE(X)
#undef X
        SPI_FUNCTION_COUNT
};

enum { SPI_TABLE_SIZE = SPI_LoadLibrary };

/* In the order of WSPUPCALLTABLE. */
#define UPCALL_TABLE_ENTRIES(X)                                                                    \
    X(WPUCloseEvent)                                                                               \
    X(WPUCloseSocketHandle)                                                                        \
    X(WPUCreateEvent)                                                                              \
    X(WPUCreateSocketHandle)                                                                       \
    X(WPUFDIsSet)                                                                                  \
    X(WPUGetProviderPath)                                                                          \
    X(WPUModifyIFSHandle)                                                                          \
    X(WPUPostMessage)                                                                              \
    X(WPUQueryBlockingCallback)                                                                    \
    X(WPUQuerySocketHandleContext)                                                                 \
    X(WPUQueueApc)                                                                                 \
    X(WPUResetEvent)                                                                               \
    X(WPUSetEvent)                                                                                 \
    X(WPUOpenCurrentThread)                                                                        \
    X(WPUCloseThread)

/* What providers import from ws2_32 instead. */
#define UPCALLS_IMPORTED(X) X(WPUCompleteOverlappedRequest)

enum upcall {
#define X(name) UPCALL_##name,
    UPCALL_TABLE_ENTRIES(X) UPCALLS_IMPORTED(X)
#undef X
        UPCALL_COUNT
};

/* The layouts both sides have to agree on; a packing mistake would blame the provider. */
_Static_assert(sizeof(WSPPROC_TABLE) == 30 * sizeof(void *), "the proc table has 30 entries");
_Static_assert(sizeof(WSPUPCALLTABLE) == 15 * sizeof(void *), "the upcall table has 15 entries");
_Static_assert(offsetof(WSPPROC_TABLE, lpWSPCancelBlockingCall) == 4 * sizeof(void *),
               "WSPCancelBlockingCall stands at index 4");
_Static_assert(sizeof(WSPDATA) == 516, "WSPDATA");
_Static_assert(sizeof(WSAPROTOCOL_INFOW) == 628, "WSAPROTOCOL_INFOW");
_Static_assert(sizeof(struct timeval) == 8, "struct timeval");
_Static_assert(sizeof(WSANETWORKEVENTS) == 44, "WSANETWORKEVENTS");

#endif
