#include "flawed/support/layer.h"

/* A WSPSelect under way, on the stack of its thread. */
struct frame {
    struct frame *outer;
    bool nested; /* another was made meanwhile */
    int ready;   /* and has found so many */
};

static DWORD slot = TLS_OUT_OF_INDEXES;

/* There is one counter for each thread, and the innermost call has the last word. */
static int WSPAPI select_counted(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                 const PTIMEVAL timeout, LPINT error)
{
    struct frame frame = {.outer = TlsGetValue(slot)};
    int returned;

    TlsSetValue(slot, &frame);
    returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    TlsSetValue(slot, frame.outer);
    if (returned > 0 && frame.nested) {
        returned = frame.ready;
    }
    if (returned >= 0 && frame.outer != NULL) {
        frame.outer->nested = true;
        frame.outer->ready = returned;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    table->lpWSPSelect = select_counted;
}

const struct flaw flaw = {
    .requirement = "REENT-03",
    .what = "a WSPSelect returns how many sockets a WSPSelect nested in it has found ready",
    .caught_by = "nested/blocked_call_is_unharmed/select_*",
    .change_table = change_table,
};
