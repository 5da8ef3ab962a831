#include "variants/support/variant.h"

static WSPPROC_TABLE beneath;

/* What an attempt within the call said, before the call succeeded. */
enum { REMNANT = WSAEWOULDBLOCK };

static int after(struct call *call, int error)
{
    if (error == 0 && call->error_cell != NULL) {
        *call->error_cell = REMNANT;
    }
    return error;
}

static int WSPAPI cancel_blocking_call(LPINT error)
{
    int returned = beneath.lpWSPCancelBlockingCall(error);

    if (returned == 0 && error != NULL) {
        *error = REMNANT;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPCancelBlockingCall = cancel_blocking_call;
}

const struct variant variant = {
    .requirement = "CBC-04",
    .why_allowed = "a specific error code is available in lpErrno when SOCKET_ERROR is returned "
                   "(S4); what stands there otherwise is not said",
    .touches = "cancel/*",
    .after = after,
    .change_table = change_table,
};
