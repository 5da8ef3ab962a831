#include "variants/support/variant.h"

static WSPPROC_TABLE below;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    *flags &= ~(DWORD)MSG_WAITALL;
    return below.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    below = *table;
    table->lpWSPRecv = receive;
}

const struct variant variant = {
    .requirement = "RECV-04",
    .why_allowed = "the page of WSPRecv does not list MSG_WAITALL, and a receive may return as "
                   "soon as there are bytes",
    .touches = "recv/cancelled_partway/* stream/*/recv_ipv4",
    .change_table = change_table,
};
