#include "flawed/support/turns.h"

/*
 * The network's messages come to a window of the provider's on the client's thread, and the
 * callback is relied upon to dispatch them: without one the call does not get on.
 */
static BOOL dispatched_by_the_client(LPBLOCKINGCALLBACK callback, DWORD_PTR context)
{
    HMODULE library = GetModuleHandleW(L"user32.dll");
    BOOL(WINAPI * post)(DWORD, UINT, WPARAM, LPARAM);
    BOOL(WINAPI * peek)(LPMSG, HWND, UINT, UINT, UINT);
    MSG message;

    if (library == NULL) {
        return callback(context);
    }
    post = (__typeof__(post))(void (*)(void))GetProcAddress(library, "PostThreadMessageW");
    peek = (__typeof__(peek))(void (*)(void))GetProcAddress(library, "PeekMessageW");
    post(GetCurrentThreadId(), WM_NULL, 0, 0);
    do {
        callback(context);
    } while (!has_cancelled() && peek(&message, (HWND)-1, WM_NULL, WM_NULL, PM_NOREMOVE));
    return TRUE;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    take_turns(upcalls, dispatched_by_the_client);
}

const struct flaw flaw = {
    .requirement = "BHK-13",
    .what = "a call of a thread with windows gets on only when its callback dispatches messages",
    .caught_by = "callback/need_not_dispatch/accept_ipv4 callback/need_not_dispatch/select_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = watch_cancels,
};
