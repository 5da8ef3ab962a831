#include "flawed/support/blocking.h"

static DWORD slot;

static int enter(void)
{
    TlsSetValue(slot, NULL);
    return 0;
}

/* The way out of a time-out forgets to say that the call is over. */
static int leave(int error)
{
    if (error == WSAETIMEDOUT) {
        TlsSetValue(slot, &slot);
    }
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    return returned != 0 && *error == WSAEINVAL && TlsGetValue(slot) != NULL ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    slot = TlsAlloc();
    wrap_blocking_calls(table, (struct blocking_calls){.before = enter, .after = leave});
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-10",
    .what = "an idle cancel returns 0 when the thread's last blocking call had timed out",
    .caught_by = "cancel/idle_after_a_failed_call/recv_times_out_ipv4"
                 " cancel/idle_after_a_failed_call/recvfrom_times_out_ipv6",
    .change_table = change_table,
};
