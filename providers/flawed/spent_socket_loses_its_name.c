#include "flawed/support/layer.h"

static volatile SOCKET spent = INVALID_SOCKET; /* the last one with a cancelled transfer */
static volatile char *volatile name_of_spent;  /* which went with the transfer */

static void note(SOCKET s, int returned, const int *error)
{
    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        spent = s;
    }
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          struct sockaddr *from, LPINT length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    note(s, returned, error);
    return returned;
}

static int WSPAPI send_noted(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                             LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    note(s, returned, error);
    return returned;
}

static int WSPAPI own_name_of(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    if (s == spent && *name_of_spent == 0) {
        return SOCKET_ERROR;
    }
    return reference.lpWSPGetSockName(s, name, length, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive;
    table->lpWSPSend = send_noted;
    table->lpWSPGetSockName = own_name_of;
}

const struct flaw flaw = {
    .requirement = "PCS-01",
    .what = "after a cancelled WSPRecvFrom or WSPSend WSPGetSockName follows a pointer that is "
            "gone",
    .caught_by = "cancel/leaves_a_socket_that_answers/recvfrom_* "
                 "cancel/leaves_a_socket_that_answers/send_*",
    .change_table = change_table,
};
