#include "flawed/support/turns.h"

static bool has_messages(void)
{
    HMODULE library = GetModuleHandleW(L"user32.dll");
    BOOL(WINAPI * peek)(LPMSG, HWND, UINT, UINT, UINT);
    MSG message;

    if (library == NULL) {
        return false;
    }
    peek = (__typeof__(peek))(void (*)(void))GetProcAddress(library, "PeekMessageW");
    return peek(&message, NULL, 0, 0, PM_NOREMOVE);
}

/* The thread sleeps for its messages and its network at once, and is woken by what is there. */
static BOOL messages_come_first(LPBLOCKINGCALLBACK callback, DWORD_PTR context)
{
    do {
        callback(context);
    } while (!has_cancelled() && has_messages());
    return TRUE;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    take_turns(upcalls, messages_come_first);
}

const struct flaw flaw = {
    .requirement = "BHK-13",
    .what = "as long as the thread's queue has messages its call does not look at the network",
    .caught_by = "callback/need_not_dispatch/*_with_messages_*",
    .change_upcalls = change_upcalls,
    .change_table = watch_cancels,
};
