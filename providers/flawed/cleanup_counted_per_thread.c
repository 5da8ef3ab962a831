#include "flawed/support/layer.h"

static DWORD slot = TLS_OUT_OF_INDEXES;

/* How many start-ups of this thread are not balanced yet. */
static UINT_PTR outstanding(void)
{
    return (UINT_PTR)TlsGetValue(slot);
}

static int WSPAPI cleanup(LPINT error)
{
    int returned;

    if (outstanding() == 0) {
        *error = WSANOTINITIALISED;
        return SOCKET_ERROR;
    }
    returned = reference.lpWSPCleanup(error);
    if (returned == 0) {
        TlsSetValue(slot, (void *)(outstanding() - 1));
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    TlsSetValue(slot, (void *)(outstanding() + 1));
    table->lpWSPCleanup = cleanup;
}

const struct flaw flaw = {
    .requirement = "STARTUP-08",
    .what = "start-ups are counted by thread, so that WSPCleanup fails on any other than the one "
            "that called WSPStartup",
    .caught_by = "startup/calls_are_counted/*_on_a_new_thread_ipv4",
    .change_table = change_table,
};
