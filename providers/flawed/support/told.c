#include "flawed/support/told.h"

static told_status status_told;
static LPWSAOVERLAPPED_COMPLETION_ROUTINE told; /* clients of a flaw have one routine */

static void CALLBACK tell(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    told(status_told(error), bytes, overlapped, flags);
}

static LPWSAOVERLAPPED_COMPLETION_ROUTINE instead_of(LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (routine == NULL) {
        return NULL;
    }
    told = routine;
    return tell;
}

static int WSPAPI told_receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, instead_of(routine),
                               thread, error);
}

static int WSPAPI told_send(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    return reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, instead_of(routine),
                               thread, error);
}

void wrap_routines(WSPPROC_TABLE *table, told_status status)
{
    status_told = status;
    table->lpWSPRecv = told_receive;
    table->lpWSPSend = told_send;
}
