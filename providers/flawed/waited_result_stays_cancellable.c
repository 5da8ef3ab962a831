#include "flawed/support/layer.h"

/* The wait for a result sets the thread's record of a call under way, and its success keeps it. */
static __thread bool under_way;

static BOOL WSPAPI get_result(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD bytes, BOOL wait,
                              LPDWORD flags, LPINT error)
{
    BOOL returned = reference.lpWSPGetOverlappedResult(s, overlapped, bytes, wait, flags, error);

    under_way = wait && returned;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned != 0 && under_way) {
        under_way = false;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPGetOverlappedResult = get_result;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-08",
    .what = "after a WSPGetOverlappedResult that waited for its result, a cancel returns 0",
    .caught_by = "cancel/idle_after_a_waited_result/*",
    .change_table = change_table,
};
