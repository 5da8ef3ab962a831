#include "flawed/support/layer.h"

/* One request is kept in mind: which thread has made it, and that it is not over. */
static DWORD asking_thread;
static SOCKET asking = INVALID_SOCKET;
static const volatile WSAOVERLAPPED *pending;

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size,
                                        overlapped, routine, thread, error);

    if (returned != 0 && *error == WSA_IO_PENDING) {
        asking_thread = GetCurrentThreadId();
        asking = s;
        pending = overlapped;
    }
    return returned;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    if (s == asking) {
        asking = INVALID_SOCKET;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned != 0 && *error == WSAEINVAL && asking != INVALID_SOCKET &&
        asking_thread == GetCurrentThreadId() && pending->Internal == WSS_OPERATION_IN_PROGRESS) {
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = control;
    table->lpWSPCloseSocket = close_socket;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-12",
    .what = "WSPCancelBlockingCall returns 0 on a thread whose overlapped WSPIoctl is pending",
    .caught_by = "overlapped/pending_call_cannot_be_cancelled/ioctl_*",
    .change_table = change_table,
};
