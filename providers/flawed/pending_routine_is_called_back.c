#include "flawed/support/call_back.h"

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    if (routine != NULL && returned != 0 && *error == WSA_IO_PENDING) {
        call_back_once();
    }
    return returned;
}

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (routine != NULL && returned != 0 && *error == WSA_IO_PENDING) {
        call_back_once();
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_out;
}

const struct flaw flaw = {
    .requirement = "BHK-10",
    .what = "a pending WSPRecvFrom or WSPSend with a completion routine calls the blocking "
            "callback before it returns",
    .caught_by = "overlapped/calls_nobody_back/recvfrom_by_routine_ipv4 "
                 "overlapped/calls_nobody_back/send_by_routine_ipv4",
    .start = start_to_call_back,
    .change_table = change_table,
};
