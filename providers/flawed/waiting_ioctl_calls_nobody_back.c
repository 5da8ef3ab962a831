#include "flawed/support/layer.h"

static __thread bool is_in_ioctl;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, function, context, error);

    if (is_in_ioctl) {
        *function = NULL;
    }
    return returned;
}

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned;

    is_in_ioctl = true;
    returned = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size, overlapped,
                                    routine, thread, error);
    is_in_ioctl = false;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = control;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "a WSPIoctl that waits for a change of addresses calls nobody back",
    .caught_by = "callback/is_called_in_rarer_waits/address_list_change_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
