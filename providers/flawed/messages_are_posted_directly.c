#include "flawed/support/layer.h"

static BOOL WSPAPI post(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    return PostMessageW(window, message, wide, narrow);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUPostMessage = post;
}

const struct flaw flaw = {
    .requirement = "UPC-03",
    .what = "the messages of WSPAsyncSelect are posted with PostMessage",
    .caught_by = "upcall/messages_are_posted/*",
    .change_upcalls = change_upcalls,
};
