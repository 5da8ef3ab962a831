#include "variants/support/variant.h"

#include "reference/sockets.h"

static WSPPROC_TABLE beneath;

/* On a socket that was opened without overlapped operations the structure is ignored. */
static bool is_overlapped(SOCKET handle, const WSAOVERLAPPED *overlapped)
{
    struct socket *socket;
    bool opened = false;

    if (overlapped != NULL && sockets_acquire(handle, &socket) == 0) {
        opened = socket->traits.overlapped;
        sockets_release(socket);
    }
    return opened;
}

/* Whoever is told that an operation is pending finds bytes and flags with its completion only, so
 * what the call would have written goes into cells of our own. */
struct outcome {
    bool later;
    DWORD bytes;
    DWORD flags;
};

static struct outcome expect(SOCKET s, const WSAOVERLAPPED *overlapped, const DWORD *flags)
{
    return (struct outcome){
        .later = is_overlapped(s, overlapped),
        .flags = flags != NULL ? *flags : 0,
    };
}

static DWORD *bytes_cell(struct outcome *outcome, DWORD *bytes)
{
    return outcome->later ? &outcome->bytes : bytes;
}

static DWORD *flags_cell(struct outcome *outcome, DWORD *flags)
{
    return outcome->later && flags != NULL ? &outcome->flags : flags;
}

static int pending(const struct outcome *outcome, int returned, LPINT error)
{
    if (!outcome->later || returned != 0) {
        return returned;
    }
    if (error != NULL) {
        *error = WSA_IO_PENDING;
    }
    return SOCKET_ERROR;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    struct outcome outcome = expect(s, overlapped, flags);
    int returned =
        beneath.lpWSPRecv(s, buffers, count, bytes_cell(&outcome, received),
                          flags_cell(&outcome, flags), overlapped, routine, thread, error);

    return pending(&outcome, returned, error);
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    struct outcome outcome = expect(s, overlapped, flags);
    int returned = beneath.lpWSPRecvFrom(s, buffers, count, bytes_cell(&outcome, received),
                                         flags_cell(&outcome, flags), from, length, overlapped,
                                         routine, thread, error);

    return pending(&outcome, returned, error);
}

static int WSPAPI send_bytes(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                             LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                             LPWSATHREADID thread, LPINT error)
{
    struct outcome outcome = expect(s, overlapped, NULL);
    int returned = beneath.lpWSPSend(s, buffers, count, bytes_cell(&outcome, sent), flags,
                                     overlapped, routine, thread, error);

    return pending(&outcome, returned, error);
}

static int WSPAPI send_to(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          const struct sockaddr *to, int length, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    struct outcome outcome = expect(s, overlapped, NULL);
    int returned = beneath.lpWSPSendTo(s, buffers, count, bytes_cell(&outcome, sent), flags, to,
                                       length, overlapped, routine, thread, error);

    return pending(&outcome, returned, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    beneath = *table;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPSend = send_bytes;
    table->lpWSPSendTo = send_to;
}

const struct variant variant = {
    .requirement = "OVL-01",
    .why_allowed = "whether an overlapped operation completes immediately is the provider's "
                   "affair: WSA_IO_PENDING says only that it was initiated and that its completion "
                   "is indicated (WSPRecv, WSPSend), which may come before the call returns",
    .touches = "overlapped/*_ipv4",
    .change_table = change_table,
};
