#include "flawed/support/layer.h"

enum { SPENT = 64 };

/* The sockets which have said once that their connection was aborted. */
static SOCKET told[SPENT];
static int tellings;

static bool has_told(SOCKET s)
{
    for (int i = 0; i < tellings && i < SPENT; i++) {
        if (told[i] == s) {
            return true;
        }
    }
    return false;
}

static int finish(SOCKET s, int returned, LPINT error)
{
    if (returned != 0 && *error == WSAECONNABORTED) {
        if (has_told(s)) {
            *error = WSAENOTCONN;
        } else {
            told[tellings++ % SPENT] = s;
        }
    }
    return returned;
}

static int WSPAPI send_and_tell_once(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent,
                                     DWORD flags, LPWSAOVERLAPPED overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                     LPWSATHREADID thread, LPINT error)
{
    return finish(
        s, reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error),
        error);
}

static int WSPAPI receive_and_tell_once(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                        LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                        LPWSATHREADID thread, LPINT error)
{
    return finish(
        s,
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error),
        error);
}

/* A new socket may have an old one's handle. */
static int WSPAPI close_and_forget(SOCKET s, LPINT error)
{
    for (int i = 0; i < SPENT; i++) {
        if (told[i] == s) {
            told[i] = INVALID_SOCKET;
        }
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_and_tell_once;
    table->lpWSPRecv = receive_and_tell_once;
    table->lpWSPCloseSocket = close_and_forget;
}

const struct flaw flaw = {
    .requirement = "STREAM-03",
    .what = "after a cancel that reset the connection, the first WSPSend or WSPRecv fails with "
            "WSAECONNABORTED, the next with WSAENOTCONN",
    .caught_by = "stream/damaged_one_refuses_calls/*_ipv4",
    .change_table = change_table,
};
