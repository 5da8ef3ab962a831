#include "flawed/support/blocking.h"

/* The thread's last call failed, and not because it was cancelled or would have had to wait. */
static __thread bool failed;

static int before(void)
{
    failed = false;
    return 0;
}

static int after(int error)
{
    failed = error != 0 && error != WSAEINTR && error != WSAEWOULDBLOCK;
    return 0;
}

static int WSPAPI cancel(LPINT error)
{
    if (failed) {
        failed = false;
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.before = before, .after = after});
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-10",
    .what = "a call that failed by itself can still be cancelled once it has returned",
    .caught_by = "cancel/idle_after_a_failed_call/*_ipv4"
                 " cancel/idle_after_a_failed_call/send_is_reset_ipv6"
                 " cancel/idle_after_a_failed_call/recvfrom_is_too_long_ipv6"
                 " cancel/idle_after_a_failed_call/connect_is_refused_ipv6"
                 " cancel/idle_after_a_failed_call/recv_has_no_socket_ipv6"
                 " cancel/idle_after_a_failed_call/select_has_no_socket_ipv6"
                 " cancel/idle_after_a_failed_call/recv_is_not_connected_ipv6",
    .change_table = change_table,
};
