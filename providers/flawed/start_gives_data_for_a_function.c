#include "flawed/support/layer.h"

static unsigned char no_function[64];

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPDuplicateSocket = (LPWSPDUPLICATESOCKET)(UINT_PTR)no_function;
}

const struct flaw flaw = {
    .requirement = "STARTUP-04",
    .what = "one entry of the proc table points to data",
    .caught_by = "startup/fills_the_proc_table",
    .change_table = change_table,
};
