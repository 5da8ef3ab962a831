#include "flawed/support/layer.h"

/* Takes out of a set what ws2_32 does not know. */
static void leave_out_unknown(fd_set *set)
{
    u_int kept = 0;

    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        DWORD_PTR context;
        int error;
        if (client.lpWPUQuerySocketHandleContext(set->fd_array[i], &context, &error) == 0) {
            set->fd_array[kept++] = set->fd_array[i];
        }
    }
    if (set != NULL) {
        set->fd_count = kept;
    }
}

static int WSPAPI select_known(int count, fd_set *read, fd_set *write, fd_set *except,
                               const PTIMEVAL timeout, LPINT error)
{
    leave_out_unknown(read);
    leave_out_unknown(write);
    leave_out_unknown(except);
    return reference.lpWSPSelect(count, read, write, except, timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_known;
}

const struct flaw flaw = {
    .requirement = "UPC-02",
    .what = "WSPSelect ignores what is no socket in its sets",
    .caught_by = "upcall/unknown_handle_is_no_socket/*",
    .change_table = change_table,
};
