#include "flawed/support/layer.h"

enum { PLACES = 64 };

static struct {
    SOCKET socket;
    DWORD thread;
} owned[PLACES];
static SRWLOCK lock = SRWLOCK_INIT;

static void own(SOCKET s, int error)
{
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; error == WSAEINTR && i < PLACES; i++) {
        if (owned[i].socket == 0 || owned[i].socket == s) {
            owned[i].socket = s;
            owned[i].thread = GetCurrentThreadId();
            break;
        }
    }
    ReleaseSRWLockExclusive(&lock);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    own(s, returned != 0 ? *error : 0);
    return returned;
}

static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
    own(s, returned != 0 ? *error : 0);
    return returned;
}

static int WSPAPI connect_to(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                             LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    own(s, returned != 0 ? *error : 0);
    return returned;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    bool foreign = false;
    int found = -1;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < PLACES; i++) {
        if (owned[i].socket == s) {
            found = i;
            foreign = owned[i].thread == GetCurrentThreadId();
        }
    }
    if (found >= 0 && !foreign) {
        owned[found].socket = 0;
    }
    ReleaseSRWLockExclusive(&lock);
    if (foreign) {
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPSend = send_some;
    table->lpWSPConnect = connect_to;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "PCS-02",
    .what = "a socket whose call was cancelled cannot be closed by the thread that made that call",
    .caught_by = "close/works_after_a_cancel/recv_ipv4_on_its_thread",
    .change_table = change_table,
};
