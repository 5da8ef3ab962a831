#include "variants/support/variant.h"

/* It knows of no change of addresses or routes. */
static int WSPAPI ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                        LPDWORD returned, LPWSAOVERLAPPED overlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                        LPINT error)
{
    if (code == (DWORD)SIO_ADDRESS_LIST_CHANGE || code == (DWORD)SIO_ROUTING_INTERFACE_CHANGE) {
        *error = WSAEOPNOTSUPP;
        return SOCKET_ERROR;
    }
    return reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine,
                                thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = ioctl;
}

const struct variant variant = {
    .requirement = "IOCTL-01",
    .why_allowed = "WSPIoctl lists WSAEOPNOTSUPP for a code that a provider does not have",
    .touches = "ioctl/ends_when_cancelled/*_ipv4 nonblocking/would_block/recv_ipv4 "
               "startup/last_clean_up_ends_blocked_calls/ioctl_ipv4 "
               "close/ends_the_call_of_another_thread/ioctl_ipv4",
    .change_table = change_table,
};
