#include "flawed/support/held_open.h"
#include "flawed/support/kinds.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool held = !is_stream(s);
    int returned;

    if (held) {
        hold_open(s);
    }
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    if (held) {
        let_close();
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    put_closes_off(table);
}

const struct flaw flaw = {
    .requirement = "CLOSE-01",
    .what = "WSPCloseSocket leaves a datagram socket open for as long as another thread's WSPRecv "
            "waits",
    .caught_by = "close/ends_the_call_of_another_thread/datagram_recv_ipv4",
    .change_table = change_table,
};
