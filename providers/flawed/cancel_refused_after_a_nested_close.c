#include "flawed/support/nested.h"

/* Whether something was sent or closed in the callback of the call that this thread waits in. */
static __thread bool is_disturbed;

static int WSPAPI send_noted(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                             LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    is_disturbed = is_in_callback();
    return reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
}

static int WSPAPI close_noted(SOCKET s, LPINT error)
{
    is_disturbed = is_in_callback();
    return reference.lpWSPCloseSocket(s, error);
}

static int WSPAPI cancel(LPINT error)
{
    if (is_in_callback() && is_disturbed) {
        is_disturbed = false;
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_noted;
    table->lpWSPCloseSocket = close_noted;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "REENT-02",
    .what = "a cancel fails with WSAEINPROGRESS when the callback has sent or closed something "
            "before",
    .caught_by = "cancel/after_another_call/send_ipv6 cancel/after_another_call/closesocket_ipv6",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
