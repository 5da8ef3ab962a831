#include "flawed/support/layer.h"

static SOCKET WSPAPI make_handle(DWORD entry, DWORD_PTR context, LPINT error)
{
    SOCKET made = client.lpWPUCreateSocketHandle(entry, context, error);

    if (made == INVALID_SOCKET) {
        *error = WSAENOBUFS;
    }
    return made;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCreateSocketHandle = make_handle;
}

const struct flaw flaw = {
    .requirement = "UPC-06",
    .what = "WSPSocket fails with WSAENOBUFS whatever code WPUCreateSocketHandle has failed with",
    .caught_by = "upcall/refused_handle_is_told/stream_with_another_code_ipv4",
    .change_upcalls = change_upcalls,
};
