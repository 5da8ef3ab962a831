#include "flawed/support/layer.h"

static int starts;
static bool is_over;

static int WSPAPI clean_up(LPINT error)
{
    bool last = starts == 1;
    int returned;

    is_over = last;
    returned = reference.lpWSPCleanup(error);
    if (returned == 0) {
        starts--;
    }
    return returned;
}

static int WSPAPI control(SOCKET s, DWORD code, LPVOID input, DWORD input_size, LPVOID output,
                          DWORD output_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    bool was_over = is_over;
    int returned = reference.lpWSPIoctl(s, code, input, input_size, output, output_size,
                                        returned_size, overlapped, routine, thread, error);

    while (returned != 0 && !was_over && is_over && *error != WSAEINTR) {
        Sleep(INFINITE);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    starts++;
    is_over = false;
    table->lpWSPCleanup = clean_up;
    table->lpWSPIoctl = control;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-01",
    .what = "the last WSPCleanup does not end a blocked WSPIoctl",
    .caught_by = "startup/last_clean_up_ends_blocked_calls/ioctl_*",
    .change_table = change_table,
};
