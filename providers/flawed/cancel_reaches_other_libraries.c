#include "flawed/support/blocking.h"

#include <stdio.h>

enum { THREADS_MAX = 64 };

typedef int(WSPAPI *cancel_function)(LPINT error);

/* Shared by all libraries of the process that are made like this: who calls, and whose calls. */
static struct shared {
    DWORD thread;
    cancel_function cancel;
} * calls;

static void find_what_is_shared(void)
{
    WCHAR name[64];
    HANDLE memory;

    if (calls != NULL) {
        return;
    }
    swprintf(name, sizeof name / sizeof *name, L"wspcts-calls-%lu", GetCurrentProcessId());
    memory = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                THREADS_MAX * sizeof *calls, name);
    calls = MapViewOfFile(memory, FILE_MAP_ALL_ACCESS, 0, 0, 0);
}

static struct shared *place_of(DWORD thread)
{
    for (int i = 0; i < THREADS_MAX; i++) {
        if (calls[i].thread == thread) {
            return &calls[i];
        }
    }
    return NULL;
}

static int before(void)
{
    struct shared *place = place_of(0);

    if (place != NULL) {
        place->cancel = reference.lpWSPCancelBlockingCall;
        place->thread = GetCurrentThreadId();
    }
    return 0;
}

static int after(int error)
{
    struct shared *place = place_of(GetCurrentThreadId());

    if (place != NULL) {
        place->thread = 0;
    }
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    const struct shared *place = place_of(GetCurrentThreadId());

    return place != NULL ? place->cancel(error) : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    find_what_is_shared();
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.before = before, .after = after});
}

const struct flaw flaw = {
    .requirement = "THR-06",
    .what = "a cancel ends the call of the thread whatever library it belongs to",
    .caught_by = "thread/cancel_spares_another_library/*",
    .change_table = change_table,
};
