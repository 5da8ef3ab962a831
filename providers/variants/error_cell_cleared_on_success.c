#include "variants/support/variant.h"

static int after(struct call *call, int error)
{
    if (error == 0 && call->error_cell != NULL) {
        *call->error_cell = 0;
    }
    return error;
}

static LPWSPCANCELBLOCKINGCALL cancel_beneath;

static int WSPAPI cancel(LPINT error)
{
    int returned = cancel_beneath(error);

    if (returned == 0 && error != NULL) {
        *error = 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    cancel_beneath = table->lpWSPCancelBlockingCall;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct variant variant = {
    .requirement = "CBC-04",
    .why_allowed = "lpErrno is an output parameter; what it holds after a success is not said (S3)",
    .touches = "startup/opens_closes_and_cleans_up cancel/writes_one_int/recv_ipv4 "
               "cancel/idle_stores_a_code",
    .after = after,
    .change_table = change_table,
};
