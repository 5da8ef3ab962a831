#include "flawed/support/nested.h"

static int WSPAPI bind_address(SOCKET s, const struct sockaddr *name, int length, LPINT error)
{
    if (is_in_callback()) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPBind(s, name, length, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPBind = bind_address;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-04",
    .what = "WSPBind in the blocking callback fails with WSAEINVAL",
    .caught_by = "nested/what_never_waits_works/accept_ipv4"
                 " nested/what_never_waits_works/select_ipv4"
                 " nested/what_never_waits_works/recv_ipv*"
                 " nested/what_never_waits_works/send_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
