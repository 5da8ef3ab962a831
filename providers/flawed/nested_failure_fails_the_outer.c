#include "flawed/support/layer.h"

/* Whether anything has failed on this thread since its WSPRecvFrom began. */
static __thread int failed_since;

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned;

    failed_since = 0;
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                       overlapped, routine, thread, error);
    if (returned == 0 && failed_since != 0) {
        *error = failed_since;
        return SOCKET_ERROR;
    }
    return returned;
}

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    int returned = reference.lpWSPSetSockOpt(s, level, option, value, size, error);

    if (returned != 0) {
        failed_since = *error;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSetSockOpt = set_option;
}

const struct flaw flaw = {
    .requirement = "REENT-09",
    .what = "a WSPRecvFrom fails because a WSPSetSockOpt has failed in its callback",
    .caught_by = "nested/failure_keeps_its_own_code/recvfrom_completed_ipv4",
    .change_table = change_table,
};
