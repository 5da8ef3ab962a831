#include "flawed/support/layer.h"

static int WSPAPI select_on(int count, fd_set *read, fd_set *write, fd_set *except,
                            const PTIMEVAL timeout, LPINT error)
{
    if (except != NULL && read != NULL && read->fd_count > 0) {
        u_int kept = 0;
        for (u_int i = 0; i < except->fd_count; i++) {
            DWORD_PTR context;
            int ignored;
            if (client.lpWPUQuerySocketHandleContext(except->fd_array[i], &context, &ignored) ==
                0) {
                except->fd_array[kept++] = except->fd_array[i];
            }
        }
        except->fd_count = kept;
    }
    return reference.lpWSPSelect(count, read, write, except, timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "UPC-02",
    .what = "WSPSelect passes over an unknown handle in its exception set if it has others to read",
    .caught_by = "upcall/unknown_handle_is_no_socket/stream_ipv4",
    .change_table = change_table,
};
