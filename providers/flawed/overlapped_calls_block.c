#include "flawed/support/layer.h"

/* The client hears of it all the same, if it wants to hear by its event. */
static int complete(int returned, WSAOVERLAPPED *overlapped, const DWORD *bytes, const int *error)
{
    overlapped->Offset = 0;
    overlapped->OffsetHigh = returned == 0 ? 0 : (DWORD)*error;
    overlapped->InternalHigh = *bytes;
    overlapped->Internal = 0;
    SetEvent(overlapped->hEvent);
    return returned;
}

static int WSPAPI blocking_receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                   LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                   LPINT error)
{
    DWORD bytes = 0;

    if (overlapped == NULL || routine != NULL) {
        return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                                   error);
    }
    return complete(
        reference.lpWSPRecv(s, buffers, count, &bytes, flags, NULL, NULL, thread, error),
        overlapped, &bytes, error);
}

static int WSPAPI blocking_send(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                                LPWSAOVERLAPPED overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                LPINT error)
{
    DWORD bytes = 0;

    if (overlapped == NULL || routine != NULL) {
        return reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread,
                                   error);
    }
    return complete(
        reference.lpWSPSend(s, buffers, count, &bytes, flags, NULL, NULL, thread, error),
        overlapped, &bytes, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = blocking_receive;
    table->lpWSPSend = blocking_send;
}

const struct flaw flaw = {
    .requirement = "BHK-10",
    .what = "on a blocking socket an overlapped call waits, calling back, until it is complete",
    .caught_by = "overlapped/calls_nobody_back/recv_by_event_*"
                 " overlapped/calls_nobody_back/send_by_event_*",
    .change_table = change_table,
};
