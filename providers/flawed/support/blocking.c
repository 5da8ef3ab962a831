#include "flawed/support/blocking.h"

static struct blocking_calls wrapped;

/* True if the call fails before it was made. */
static bool fails_at_once(LPINT error)
{
    int code = wrapped.before != NULL ? wrapped.before() : 0;

    if (code != 0) {
        *error = code;
    }
    return code != 0;
}

/* What the call reports; a call that succeeded stays as it is. */
static void finish(bool failed, LPINT error)
{
    int code = wrapped.after != NULL ? wrapped.after(failed ? *error : 0) : 0;

    if (failed && code != 0) {
        *error = code;
    }
}

static SOCKET WSPAPI wrapped_accept(SOCKET s, struct sockaddr *address, LPINT length,
                                    LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted;

    if (fails_at_once(error)) {
        return INVALID_SOCKET;
    }
    accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    finish(accepted == INVALID_SOCKET, error);
    return accepted;
}

static int WSPAPI wrapped_connect(SOCKET s, const struct sockaddr *name, int length,
                                  LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                  LPINT error)
{
    int returned;

    if (fails_at_once(error)) {
        return SOCKET_ERROR;
    }
    returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    finish(returned != 0, error);
    return returned;
}

static int WSPAPI wrapped_select(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                 const PTIMEVAL timeout, LPINT error)
{
    int returned;

    if (fails_at_once(error)) {
        return SOCKET_ERROR;
    }
    returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    finish(returned == SOCKET_ERROR, error);
    return returned;
}

static int WSPAPI wrapped_receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                  LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                  LPINT error)
{
    int returned;

    if (fails_at_once(error)) {
        return SOCKET_ERROR;
    }
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    finish(returned != 0, error);
    return returned;
}

static int WSPAPI wrapped_receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                       LPDWORD flags, struct sockaddr *from, LPINT length,
                                       LPWSAOVERLAPPED overlapped,
                                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                       LPWSATHREADID thread, LPINT error)
{
    int returned;

    if (fails_at_once(error)) {
        return SOCKET_ERROR;
    }
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length, overlapped,
                                       routine, thread, error);
    finish(returned != 0, error);
    return returned;
}

static int WSPAPI wrapped_send(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned;

    if (fails_at_once(error)) {
        return SOCKET_ERROR;
    }
    returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
    finish(returned != 0, error);
    return returned;
}

void wrap_blocking_calls(WSPPROC_TABLE *table, struct blocking_calls calls)
{
    wrapped = calls;
    table->lpWSPAccept = wrapped_accept;
    table->lpWSPConnect = wrapped_connect;
    table->lpWSPSelect = wrapped_select;
    table->lpWSPRecv = wrapped_receive;
    table->lpWSPRecvFrom = wrapped_receive_from;
    table->lpWSPSend = wrapped_send;
}
