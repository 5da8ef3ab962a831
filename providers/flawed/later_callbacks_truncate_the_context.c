#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK asked_for;
static __thread bool again;

/* The context goes into a field of 32 bits for all rounds but the first. */
static BOOL CALLBACK call_back(DWORD_PTR context)
{
    LPBLOCKINGCALLBACK callback = asked_for;
    DWORD_PTR passed = again ? (DWORD)context : context;
    BOOL answer;

    again = true;
    answer = callback(passed);
    /* A call nested in the callback may have asked anew. */
    asked_for = callback;
    again = true;
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        asked_for = *callback;
        again = false;
        *callback = call_back;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-03",
    .what = "from the second callback of a call on, the context is cut to 32 bits",
    .caught_by = "callback/gets_its_context/recv_ipv4",
    .change_upcalls = change_upcalls,
};
