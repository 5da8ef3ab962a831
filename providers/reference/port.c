/*
 * The completion port and its thread.
 *
 * The thread sleeps in the system until an operation has ended: it costs nothing while nothing
 * happens, and loses no time when something does. One is enough, because all it does is to pass the
 * news on.
 */
#include "port.h"

#include <stdbool.h>
#include <windows.h>

static SRWLOCK port__lock = SRWLOCK_INIT; /* over the port and the thread, while they are made */
static HANDLE port__port;
static HANDLE port__thread;
static volatile LONG port__expected; /* operations to come back, and one more while it is open */

/* The packet that wakes the thread when there is nothing left to wait for. */
static void port__wake(void)
{
    PostQueuedCompletionStatus(port__port, 0, 0, NULL);
}

static DWORD WINAPI port__main(void *unused)
{
    (void)unused;
    for (;;) {
        DWORD bytes;
        ULONG_PTR key;
        OVERLAPPED *overlapped = NULL;
        GetQueuedCompletionStatus(port__port, &bytes, &key, &overlapped, INFINITE);
        if (overlapped == NULL) {
            return 0;
        }
        struct port_operation *operation = (struct port_operation *)(void *)overlapped;
        operation->ended(operation);
        port_expect_no_more();
    }
}

static bool port__open(void)
{
    if (port__port == NULL) {
        port__expected = 1;
        port__port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    }
    if (port__port != NULL && port__thread == NULL) {
        port__thread = CreateThread(NULL, 0, port__main, NULL, 0, NULL);
    }
    return port__thread != NULL;
}

int port_attach(SOCKET native)
{
    AcquireSRWLockExclusive(&port__lock);
    bool open = port__open();
    ReleaseSRWLockExclusive(&port__lock);
    if (!open || CreateIoCompletionPort((HANDLE)native, port__port, 0, 0) == NULL) {
        return WSAENOBUFS;
    }
    /* What finishes at once is completed by whoever started it. */
    return SetFileCompletionNotificationModes((HANDLE)native, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS)
               ? 0
               : WSAEOPNOTSUPP;
}

void port_expect(void)
{
    InterlockedIncrement(&port__expected);
}

void port_expect_no_more(void)
{
    if (InterlockedDecrement(&port__expected) == 0) {
        port__wake();
    }
}

void port_close(void)
{
    if (port__port == NULL) {
        return;
    }
    port_expect_no_more();
    if (port__thread != NULL) {
        WaitForSingleObject(port__thread, INFINITE);
        CloseHandle(port__thread);
        port__thread = NULL;
    }
    CloseHandle(port__port);
    port__port = NULL;
}
