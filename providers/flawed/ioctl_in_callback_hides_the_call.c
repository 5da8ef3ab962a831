#include "flawed/support/blocking.h"

static DWORD slot;

static int is_outstanding(void)
{
    TlsSetValue(slot, NULL);
    return 0;
}

/* It came and went as an outstanding call, and the one outside it is forgotten. */
static int WSPAPI control_and_hide(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                                   DWORD out_size, LPDWORD returned, LPWSAOVERLAPPED overlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                   LPINT error)
{
    int result;

    TlsSetValue(slot, NULL);
    result = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped,
                                  routine, thread, error);
    TlsSetValue(slot, &slot);
    return result;
}

static int WSPAPI cancel(LPINT error)
{
    if (TlsGetValue(slot) != NULL) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    slot = TlsAlloc();
    wrap_blocking_calls(table, (struct blocking_calls){.before = is_outstanding});
    table->lpWSPIoctl = control_and_hide;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-01",
    .what = "a WSPIoctl in the blocking callback hides the outstanding call from a cancel",
    .caught_by = "cancel/after_another_call/ioctl_ipv*",
    .change_table = change_table,
};
