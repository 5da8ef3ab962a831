#include "flawed/support/layer.h"

#include <string.h>

enum { SOCKETS = 64 };

/* Where each socket's first call wanted the sender; the provider never forgets it. */
static struct {
    SOCKET socket;
    struct sockaddr *from;
} first[SOCKETS];
static SRWLOCK lock = SRWLOCK_INIT;

static struct sockaddr *first_of(SOCKET s, struct sockaddr *from)
{
    struct sockaddr *found = from;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < SOCKETS; i++) {
        if (first[i].from == NULL) {
            first[i].socket = s;
            first[i].from = from;
        }
        if (first[i].socket == s) {
            found = first[i].from;
            break;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return found;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    struct sockaddr *earlier = from != NULL && overlapped == NULL ? first_of(s, from) : from;
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (returned == 0 && earlier != from) {
        memcpy(earlier, from, (size_t)*length);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "RECVFROM-03",
    .what = "a WSPRecvFrom writes its sender to the lpFrom of the first call on the socket, too, "
            "which was cancelled",
    .caught_by = "recvfrom/leaves_its_memory_alone/then_recvfrom_*",
    .change_table = change_table,
};
