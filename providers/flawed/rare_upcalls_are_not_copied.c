#include "flawed/support/layer.h"

static BOOL WSPAPI post_message(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    return upcalls_as_passed->lpWPUPostMessage(window, message, wide, narrow);
}

static int WSPAPI queue_apc(LPWSATHREADID thread, LPWSAUSERAPC apc, DWORD_PTR context, LPINT error)
{
    return upcalls_as_passed->lpWPUQueueApc(thread, apc, context, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUPostMessage = post_message;
    upcalls->lpWPUQueueApc = queue_apc;
}

const struct flaw flaw = {
    .requirement = "STARTUP-06",
    .what = "WPUPostMessage and WPUQueueApc are looked up where WSPStartup found its argument",
    .caught_by = "startup/upcalls_are_copied/messages "
                 "startup/upcalls_are_copied/completion_routine",
    .change_upcalls = change_upcalls,
};
