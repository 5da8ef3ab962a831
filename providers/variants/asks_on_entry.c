#include "variants/support/variant.h"

/* The callback is asked for even where the call then finishes at once and it is not called. */
static int before(struct call *call)
{
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
    int error;

    switch (call->entry) {
    case ENTRY_WSPAccept:
    case ENTRY_WSPConnect:
    case ENTRY_WSPRecv:
    case ENTRY_WSPRecvFrom:
    case ENTRY_WSPSend:
    case ENTRY_WSPSendTo:
        client.lpWPUQueryBlockingCallback(catalog_of_socket(call->socket), &callback, &context,
                                          &error);
        break;
    case ENTRY_WSPSelect:
        for (int i = 0; i < 3; i++) {
            if (call->sets[i] != NULL && call->sets[i]->fd_count > 0) {
                client.lpWPUQueryBlockingCallback(catalog_of_socket(call->sets[i]->fd_array[0]),
                                                  &callback, &context, &error);
                break;
            }
        }
        break;
    default:
        break;
    }
    return 0;
}

const struct variant variant = {
    .requirement = "BHK-07",
    .why_allowed = "the callback may be called only while a call blocks; asking for it is no call",
    .touches = "callback/is_not_called_when_ready/*_ipv4 "
               "select/zero_timeout_only_asks/ipv4 nonblocking/would_block/recv_ipv4",
    .before = before,
};
