#include "variants/support/variant.h"

#include <string.h>

/*
 * Whatever a call is given to write to is written to, whether it succeeds or not: lpErrno at once
 * and on success, too; counts, flags, addresses, sets and buffers when it fails. A NULL lpErrno is
 * written to as well, and faults.
 */
static WSPPROC_TABLE beneath;

static bool is_over(int returned, const int *error)
{
    return returned == SOCKET_ERROR && *error != WSA_IO_PENDING;
}

static void spoil(const WSABUF *buffers, DWORD count)
{
    for (DWORD i = 0; buffers != NULL && i < count; i++) {
        if (buffers[i].buf != NULL) {
            memset(buffers[i].buf, 0xCC, buffers[i].len);
        }
    }
}

static int write_error(struct call *call)
{
    *call->error_cell = 0;
    return 0;
}

static int leave_error(struct call *call, int error)
{
    if (error == 0) {
        *call->error_cell = WSAEWOULDBLOCK;
    }
    if (error != 0 && call->entry == ENTRY_WSPSelect) {
        for (int i = 0; i < 3; i++) {
            if (call->sets[i] != NULL) {
                call->sets[i]->fd_count = 0;
            }
        }
    }
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    int returned;

    *error = 0;
    returned = beneath.lpWSPCancelBlockingCall(error);
    if (returned == 0) {
        *error = WSAEINTR;
    }
    return returned;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        beneath.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (is_over(returned, error) && overlapped == NULL && *error != WSAEFAULT &&
        *error != WSAEMSGSIZE && received != NULL && flags != NULL) {
        spoil(buffers, count);
        *received = 0;
        *flags = 0;
    }
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int room = from != NULL && length != NULL ? *length : 0;
    int returned = beneath.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                         overlapped, routine, thread, error);

    /* Where a message was too long its beginning and its sender are what the call gives. */
    if (is_over(returned, error) && overlapped == NULL && *error != WSAEFAULT &&
        *error != WSAEMSGSIZE && received != NULL && flags != NULL) {
        spoil(buffers, count);
        *received = 0;
        *flags = 0;
        if (room > 0) {
            memset(from, 0xCC, (size_t)room);
            *length = 0;
        }
    }
    return returned;
}

static int WSPAPI send_some(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    int returned =
        beneath.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (is_over(returned, error) && sent != NULL) {
        *sent = 0;
    }
    return returned;
}

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned_size, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    int returned = beneath.lpWSPIoctl(s, code, in, in_size, out, out_size, returned_size,
                                      overlapped, routine, thread, error);

    if (is_over(returned, error) && *error != WSAEFAULT) {
        if (out != NULL) {
            memset(out, 0xCC, out_size);
        }
        if (returned_size != NULL) {
            *returned_size = 0;
        }
    }
    return returned;
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    int room = size != NULL ? *size : 0;
    int returned = beneath.lpWSPGetSockOpt(s, level, option, value, size, error);

    if (returned != 0 && *error != WSAEFAULT && value != NULL && room > 0) {
        memset(value, 0xCC, (size_t)room);
        *size = 0;
    }
    return returned;
}

static BOOL WSPAPI get_result(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD transferred, BOOL wait,
                              LPDWORD flags, LPINT error)
{
    BOOL returned =
        beneath.lpWSPGetOverlappedResult(s, overlapped, transferred, wait, flags, error);

    if (!returned && *error != WSAEFAULT) {
        *transferred = 0;
        *flags = 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_some;
    table->lpWSPIoctl = control;
    table->lpWSPGetSockOpt = get_option;
    table->lpWSPGetOverlappedResult = get_result;
}

const struct variant variant = {
    .requirement = "RECV-02",
    .why_allowed = "lpErrno is an output whose content after success no text names, and counts, "
                   "buffers and sets are unspecified after an error (RECV-02, SELECT-04), until "
                   "the call returns; a NULL lpErrno is outside the contract (CBC-06)",
    .touches = "cancel/* recv/* recvfrom/* select/* nested/* overlapped/*",
    .before = write_error,
    .after = leave_error,
    .change_table = change_table,
};
