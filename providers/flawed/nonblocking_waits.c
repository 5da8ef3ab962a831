#include "flawed/support/layer.h"

static int WSPAPI stay_blocking(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                                DWORD out_size, LPDWORD returned, LPWSAOVERLAPPED overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                LPINT error)
{
    if (code == (DWORD)FIONBIO) {
        *returned = 0;
        return 0;
    }
    return reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine,
                                thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = stay_blocking;
}

/* What a send needs is filled by non-blocking sends, so that it does not come so far. */
const struct flaw flaw = {
    .requirement = "NB-01",
    .what = "FIONBIO returns 0, and the socket goes on blocking",
    .caught_by = "nonblocking/would_block/connect_ipv4",
    .change_table = change_table,
};
