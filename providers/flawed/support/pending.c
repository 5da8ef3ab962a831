#include "flawed/support/pending.h"

static pending_act act_when_pending;

static int look_at(int returned, WSAOVERLAPPED *overlapped, const int *error)
{
    if (returned != 0 && *error == WSA_IO_PENDING) {
        act_when_pending(overlapped);
    }
    return returned;
}

static int WSPAPI watched_receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                  LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                  LPINT error)
{
    return look_at(
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error),
        overlapped, error);
}

static int WSPAPI watched_receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                       LPDWORD flags, struct sockaddr *from, LPINT length,
                                       LPWSAOVERLAPPED overlapped,
                                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                       LPWSATHREADID thread, LPINT error)
{
    return look_at(reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error),
                   overlapped, error);
}

static int WSPAPI watched_send(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    return look_at(
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error),
        overlapped, error);
}

static int WSPAPI watched_control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                                  DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                  LPINT error)
{
    return look_at(reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size,
                                        overlapped, routine, thread, error),
                   overlapped, error);
}

void wrap_pending_calls(WSPPROC_TABLE *table, pending_act act)
{
    act_when_pending = act;
    table->lpWSPRecv = watched_receive;
    table->lpWSPRecvFrom = watched_receive_from;
    table->lpWSPSend = watched_send;
    table->lpWSPIoctl = watched_control;
}

void abort_pending(WSAOVERLAPPED *overlapped)
{
    if (overlapped->Internal != WSS_OPERATION_IN_PROGRESS) {
        return;
    }
    overlapped->OffsetHigh = WSA_OPERATION_ABORTED;
    overlapped->InternalHigh = 0;
    overlapped->Internal = WSA_OPERATION_ABORTED;
    SetEvent(overlapped->hEvent);
}
