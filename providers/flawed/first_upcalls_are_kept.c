#include "flawed/support/layer.h"

static WSPUPCALLTABLE first;
static bool started;

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    if (!started) {
        first = *upcalls;
        started = true;
    }
    *upcalls = first;
}

const struct flaw flaw = {
    .requirement = "STARTUP-05",
    .what = "of several upcall tables only the first is kept",
    .caught_by = "startup/latest_upcalls_are_used/handles",
    .change_upcalls = change_upcalls,
};
