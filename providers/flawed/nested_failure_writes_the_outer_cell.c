#include "flawed/support/nested.h"

/* The lpErrno of the WSPRecv that the thread is in. */
static __thread LPINT cell_of_receive;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    cell_of_receive = error;
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    cell_of_receive = NULL;
    return returned;
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    int returned = reference.lpWSPGetSockOpt(s, level, option, value, size, error);

    if (returned != 0 && is_in_callback() && cell_of_receive != NULL) {
        *cell_of_receive = *error;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPGetSockOpt = get_option;
}

const struct flaw flaw = {
    .requirement = "REENT-09",
    .what = "a WSPGetSockOpt that fails in the callback of a WSPRecv writes to its lpErrno, too",
    .caught_by = "nested/failure_keeps_its_own_code/recv_*",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
