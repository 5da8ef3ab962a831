#include "flawed/support/layer.h"

/* Something that is a handle, at least. */
static SOCKET WSPAPI make_handle(DWORD entry, DWORD_PTR context, LPINT error)
{
    SOCKET made = client.lpWPUCreateSocketHandle(entry, context, error);

    return made != INVALID_SOCKET ? made : (SOCKET)CreateEventW(NULL, TRUE, FALSE, NULL);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCreateSocketHandle = make_handle;
}

const struct flaw flaw = {
    .requirement = "UPC-06",
    .what = "WSPSocket returns a handle of its own when WPUCreateSocketHandle has failed",
    .caught_by = "upcall/refused_handle_is_told/stream_ipv? "
                 "upcall/refused_handle_is_told/datagram_ipv4",
    .change_upcalls = change_upcalls,
};
