#include "flawed/support/messages.h"

static BOOL WSPAPI post_message(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    if (WSAGETSELECTEVENT(narrow) == FD_CLOSE && has_windows()) {
        const MSG posted = {.hwnd = window, .message = message, .wParam = wide, .lParam = narrow};
        put_message_back(&posted);
        return TRUE;
    }
    return client.lpWPUPostMessage(window, message, wide, narrow);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUPostMessage = post_message;
}

const struct flaw flaw = {
    .requirement = "UPC-03",
    .what = "the message of FD_CLOSE is posted to the window without WPUPostMessage",
    .caught_by = "upcall/messages_are_posted/close_*",
    .change_upcalls = change_upcalls,
};
