#include "flawed/support/nested.h"

/* A thread has one deadline: that of the call inside counts for the one outside, too. */
static DWORD slot = TLS_OUT_OF_INDEXES;

static int WSPAPI select_inside(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    bool in_vain = returned == 0 && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
    int ignored;

    if (in_vain && is_in_callback() && reference.lpWSPCancelBlockingCall(&ignored) == 0) {
        TlsSetValue(slot, &slot);
    }
    return returned;
}

/* What the call outside ends with; one inside has no part in it. */
static int as_timed_out(int error)
{
    if (is_in_callback()) {
        return error;
    }
    if (error == WSAEINTR && TlsGetValue(slot) != NULL) {
        error = WSAETIMEDOUT;
    }
    TlsSetValue(slot, NULL);
    return error;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    *error = as_timed_out(*error);
    return returned;
}

static SOCKET WSPAPI accept_in_time(SOCKET s, struct sockaddr *address, LPINT length,
                                    LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    *error = as_timed_out(*error);
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    table->lpWSPSelect = select_inside;
    table->lpWSPRecv = receive;
    table->lpWSPAccept = accept_in_time;
}

const struct flaw flaw = {
    .requirement = "REENT-03",
    .what = "a WSPSelect whose time runs out inside the blocking callback ends the WSPRecv or "
            "WSPAccept outside with WSAETIMEDOUT",
    .caught_by = "nested/blocked_call_is_unharmed/accept_*"
                 " nested/blocked_call_is_unharmed/recv_*",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
