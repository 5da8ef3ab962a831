#include "flawed/support/call_back.h"

static volatile LONG cancelled;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        cancelled = 1;
    }
    return returned;
}

static int WSPAPI close_telling(SOCKET s, LPINT error)
{
    if (cancelled || linger_of(s).l_onoff != 0) {
        call_back_once();
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPCloseSocket = close_telling;
}

const struct flaw flaw = {
    .requirement = "CLOSE-04",
    .what = "WSPCloseSocket calls the blocking callback after a cancel, and whenever SO_LINGER is "
            "set",
    .caught_by = "close/calls_back_only_to_linger/after_a_cancelled_recv_ipv4"
                 " close/calls_back_only_to_linger/linger_zero_nothing_unsent_ipv4",
    .change_table = change_table,
    .start = start_to_call_back,
};
