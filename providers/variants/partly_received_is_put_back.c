#include "flawed/support/partway.h"
#include "variants/support/variant.h"

static WSPPROC_TABLE below;

static int cancelled(const struct partway *partway)
{
    if (partway->sends) {
        return abort_partway(partway);
    }
    put_back(partway->socket, partway->begin, partway->moved);
    return WSAEINTR;
}

/* What was put back can be received at once. */
static int WSPAPI select_put_back(int count, fd_set *read, fd_set *write, fd_set *except,
                                  const PTIMEVAL timeout, LPINT error)
{
    fd_set ready = {.fd_count = 0};

    for (u_int i = 0; read != NULL && i < read->fd_count; i++) {
        if (has_put_back(read->fd_array[i])) {
            FD_SET(read->fd_array[i], &ready);
        }
    }
    if (ready.fd_count == 0) {
        return below.lpWSPSelect(count, read, write, except, timeout, error);
    }
    for (u_int i = 0; i < ready.fd_count; i++) {
        read->fd_array[i] = ready.fd_array[i];
    }
    read->fd_count = ready.fd_count;
    if (write != NULL) {
        write->fd_count = 0;
    }
    if (except != NULL) {
        except->fd_count = 0;
    }
    return (int)ready.fd_count;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
    below = *table;
    table->lpWSPSelect = select_put_back;
}

const struct variant variant = {
    .requirement = "RECV-04",
    .why_allowed = "bytes that a cancelled WSPRecv has taken are not lost if the next one gives "
                   "them, so that the stream is not damaged (S21)",
    .touches = "recv/cancelled_partway/* stream/*/recv_ipv4",
    .change_table = change_table,
};
