#include "flawed/support/held_open.h"
#include "flawed/support/kinds.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool held = has_receive_timeout(s);
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

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    bool held = has_receive_timeout(s);
    int returned;

    if (held) {
        hold_open(s);
    }
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                       overlapped, routine, thread, error);
    if (held) {
        let_close();
    }
    return returned;
}

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    bool held = has_send_timeout(s);
    int returned;

    if (held) {
        hold_open(s);
    }
    returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
    if (held) {
        let_close();
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_out;
    put_closes_off(table);
}

const struct flaw flaw = {
    .requirement = "CLOSE-01",
    .what = "WSPCloseSocket leaves the socket open for as long as a transfer with a timeout waits "
            "on it",
    .caught_by = "close/ends_the_call_of_another_thread/timed_recv_ipv4 "
                 "close/ends_the_call_of_another_thread/timed_recvfrom_ipv4 "
                 "close/ends_the_call_of_another_thread/timed_send_ipv4",
    .change_table = change_table,
};
