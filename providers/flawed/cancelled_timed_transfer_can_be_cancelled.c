#include "flawed/support/kinds.h"

static __thread bool cancelled;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    cancelled = returned != 0 && *error == WSAEINTR && has_receive_timeout(s);
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    cancelled = returned != 0 && *error == WSAEINTR && has_receive_timeout(s);
    return returned;
}

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    cancelled = returned != 0 && *error == WSAEINTR && has_send_timeout(s);
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return cancelled ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_out;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-09",
    .what = "a transfer with a time limit can be cancelled again once it has ended with WSAEINTR",
    .caught_by = "cancel/idle_after_a_cancelled_call/recv_timed_ipv4 "
                 "cancel/idle_after_a_cancelled_call/recvfrom_timed_ipv4 "
                 "cancel/idle_after_a_cancelled_call/send_timed_ipv4",
    .change_table = change_table,
};
