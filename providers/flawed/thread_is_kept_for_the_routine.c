#include "flawed/support/layer.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    WSATHREADID opened;
    int ignored;

    if (routine != NULL && client.lpWPUOpenCurrentThread(&opened, &ignored) == 0) {
        thread = &opened;
    }
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "UPC-04",
    .what = "an overlapped WSPRecv opens its thread for the routine, and never closes it",
    .caught_by = "upcall/threads_are_closed/overlapped_recv_ipv4 "
                 "upcall/threads_are_closed/cleaned_up_recv_ipv4",
    .change_table = change_table,
};
