#include "flawed/support/layer.h"

static SOCKET cancelled_on = INVALID_SOCKET;

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR) {
        cancelled_on = s;
    }
    return returned;
}

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    if (s == cancelled_on && level == SOL_SOCKET && option == SO_LINGER) {
        return 0;
    }
    return reference.lpWSPSetSockOpt(s, level, option, value, size, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_out;
    table->lpWSPSetSockOpt = set_option;
}

const struct flaw flaw = {
    .requirement = "LINGER-01",
    .what = "after a cancelled WSPSend, SO_LINGER is taken and has no effect on its socket",
    .caught_by = "linger/resets_after_a_cancel/send_*",
    .change_table = change_table,
};
