#include "flawed/support/blocking.h"

static DWORD slot = TLS_OUT_OF_INDEXES;

/* The cancel has set the thread's deadline to now, where it stays. */
static int after(int error)
{
    if (error == WSAEINTR) {
        TlsSetValue(slot, &slot);
    }
    return error;
}

static void empty(fd_set *set)
{
    if (set != NULL) {
        set->fd_count = 0;
    }
}

static int WSPAPI select_with_old_deadline(int count, fd_set *to_read, fd_set *to_write,
                                           fd_set *to_except, const PTIMEVAL timeout, LPINT error)
{
    struct timeval now = {0, 0};
    bool finite = timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
    bool expired = finite && TlsGetValue(slot) != NULL;
    int returned =
        reference.lpWSPSelect(count, to_read, to_write, to_except, expired ? &now : timeout, error);

    if (expired) {
        TlsSetValue(slot, NULL);
    }
    if (returned == 0) {
        empty(to_read);
        empty(to_write);
        empty(to_except);
    }
    after(returned == SOCKET_ERROR ? *error : 0);
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
    table->lpWSPSelect = select_with_old_deadline;
}

const struct flaw flaw = {
    .requirement = "STICKY-01",
    .what =
        "after a cancelled call, the thread's next WSPSelect with a finite timeout does not wait",
    .caught_by = "sticky/cancel_spares_the_next_call/*_timed_select_*",
    .change_table = change_table,
};
