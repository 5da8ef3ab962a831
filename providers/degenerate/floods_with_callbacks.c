#include "degenerate/support/degenerate.h"

#include <stdlib.h>

enum { FLOOD = 100 };

struct thread {
    LPBLOCKINGCALLBACK callback;
    bool cancelled;
};

static DWORD slot = TLS_OUT_OF_INDEXES;

static struct thread *this_thread(void)
{
    struct thread *thread = TlsGetValue(slot);

    if (thread == NULL) {
        thread = calloc(1, sizeof *thread);
        TlsSetValue(slot, thread);
    }
    return thread;
}

/* Nothing is called back any more once the call is cancelled, or the callback has had enough. */
static BOOL CALLBACK call_again_and_again(DWORD_PTR context)
{
    struct thread *thread = this_thread();
    BOOL answer = TRUE;

    for (unsigned i = 0; i < FLOOD && answer && !thread->cancelled; i++) {
        answer = thread->callback(context);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    struct thread *thread = this_thread();
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        thread->callback = *callback;
        thread->cancelled = false;
        *callback = call_again_and_again;
    }
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    this_thread()->cancelled = returned == 0;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct degenerate degenerate = {
    .kind = RUDE,
    .what = "calls the blocking callback a hundred times where others do once",
    .verdict = "conforming",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
