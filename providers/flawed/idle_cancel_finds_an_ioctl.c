#include "flawed/support/layer.h"

/* The ioctls that wait are kept in one list, which is not the thread's. */
static volatile LONG waiting;

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD bytes, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    bool waits = overlapped == NULL &&
                 (code == SIO_ADDRESS_LIST_CHANGE || code == SIO_ROUTING_INTERFACE_CHANGE);
    if (waits) {
        InterlockedIncrement(&waiting);
    }
    int returned = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, bytes, overlapped,
                                        routine, thread, error);
    if (waits) {
        InterlockedDecrement(&waiting);
    }
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    return returned != 0 && waiting > 0 ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = control;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-13",
    .what =
        "WSPCancelBlockingCall on an idle thread succeeds while another thread waits in WSPIoctl",
    .caught_by = "thread/idle_one_cancels_nothing/ioctl_ipv4",
    .change_table = change_table,
};
