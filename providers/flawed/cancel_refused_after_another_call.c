#include "flawed/support/nested.h"

static int refuse(void)
{
    return WSAEINPROGRESS;
}

static int WSPAPI cancel(LPINT error)
{
    if (is_in_callback() && nested_calls() > 0) {
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_nested_calls(table, refuse);
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "REENT-02",
    .what = "a cancel is refused with WSAEINPROGRESS, like other calls in the callback, once one "
            "of them was",
    .caught_by = "nested/cancel_is_never_refused/connect_ipv4"
                 " cancel/after_another_call/getsockopt_ipv4 cancel/after_another_call/select_ipv*"
                 " cancel/after_another_call/recv_ipv* cancel/after_another_call/send_ipv4"
                 " nested/cancel_is_never_refused/accept_ipv4"
                 " nested/cancel_is_never_refused/select_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
