#include "variants/support/variant.h"

/* It has none, and says so of each. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    if (overlapped != NULL) {
        *error = WSAEOPNOTSUPP;
        return SOCKET_ERROR;
    }
    return reference.lpWSPRecv(s, buffers, count, received, flags, NULL, routine, thread, error);
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    if (overlapped != NULL) {
        *error = WSAEOPNOTSUPP;
        return SOCKET_ERROR;
    }
    return reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length, NULL, routine,
                                   thread, error);
}

static int WSPAPI send_plainly(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    if (overlapped != NULL) {
        *error = WSAEOPNOTSUPP;
        return SOCKET_ERROR;
    }
    return reference.lpWSPSend(s, buffers, count, sent, flags, NULL, routine, thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_plainly;
}

const struct variant variant = {
    .requirement = "CBC-12",
    .why_allowed = "what is said of pending operations says nothing of a provider without them",
    .touches = "overlapped/* cancel/idle_after_startup",
    .change_table = change_table,
};
