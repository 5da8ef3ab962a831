#include "flawed/support/layer.h"

/* Room is told of by the thread that sends, and that has no upcalls at hand. */
static BOOL WSPAPI post(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    return WSAGETSELECTEVENT(narrow) == FD_WRITE
               ? PostMessageW(window, message, wide, narrow)
               : client.lpWPUPostMessage(window, message, wide, narrow);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUPostMessage = post;
}

const struct flaw flaw = {
    .requirement = "UPC-03",
    .what = "the messages of WSPAsyncSelect for FD_WRITE are posted with PostMessage",
    .caught_by = "upcall/messages_are_posted/write_ipv4",
    .change_upcalls = change_upcalls,
};
