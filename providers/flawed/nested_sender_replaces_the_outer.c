#include "flawed/support/layer.h"

#include <string.h>

/* Each thread has one place for the sender's address, until its call is done. */
static __thread struct sockaddr_storage sender;
static __thread unsigned calls;
static __thread bool replaced;

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    bool is_counted = overlapped == NULL && from != NULL;
    int returned;

    calls += is_counted;
    if (calls == 1) {
        replaced = false;
    }
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length, overlapped,
                                       routine, thread, error);
    calls -= is_counted;
    if (!is_counted || returned != 0) {
        return returned;
    }
    if (calls > 0) {
        memcpy(&sender, from, (size_t)*length);
        replaced = true;
    } else if (replaced) {
        memcpy(from, &sender, (size_t)*length);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "REENT-03",
    .what = "a WSPRecvFrom names the sender of the one that was made in its callback",
    .caught_by = "nested/blocked_call_is_unharmed/recvfrom_ipv4",
    .change_table = change_table,
};
