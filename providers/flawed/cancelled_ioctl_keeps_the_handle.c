#include "flawed/support/layer.h"

static SOCKET cancelled_on = INVALID_SOCKET;

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size,
                                        overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR) {
        cancelled_on = s;
    }
    return returned;
}

static int WSPAPI keep_handle(SOCKET s, LPINT error)
{
    return s == cancelled_on ? 0 : client.lpWPUCloseSocketHandle(s, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCloseSocketHandle = keep_handle;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = control;
}

const struct flaw flaw = {
    .requirement = "PCS-03",
    .what = "closing a socket whose WSPIoctl was cancelled never gives its handle back",
    .caught_by = "close/gives_the_handle_up/ioctl_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
