#include "flawed/support/layer.h"

#include <stddef.h>
#include <string.h>

enum { SETS = 3 };

/* A client that answers TRUE wants to wait on, so the time begins anew. */
static int WSPAPI select_on(int count, fd_set *read, fd_set *write, fd_set *except,
                            const PTIMEVAL timeout, LPINT error)
{
    fd_set *const sets[SETS] = {read, write, except};
    fd_set asked[SETS];
    int returned;

    for (int i = 0; i < SETS; i++) {
        if (sets[i] != NULL) {
            memcpy(&asked[i], sets[i],
                   offsetof(fd_set, fd_array) + sets[i]->fd_count * sizeof(SOCKET));
        }
    }
    for (;;) {
        returned = reference.lpWSPSelect(count, read, write, except, timeout, error);
        if (returned != 0 || timeout == NULL || (timeout->tv_sec == 0 && timeout->tv_usec == 0)) {
            return returned;
        }
        for (int i = 0; i < SETS; i++) {
            if (sets[i] != NULL) {
                memcpy(sets[i], &asked[i],
                       offsetof(fd_set, fd_array) + asked[i].fd_count * sizeof(SOCKET));
            }
        }
    }
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-12",
    .what = "the timeout of WSPSelect begins anew each time it has run out",
    .caught_by = "select/timeout_runs_on_under_callbacks/*",
    .change_table = change_table,
};
