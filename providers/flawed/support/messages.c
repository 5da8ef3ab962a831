#include "flawed/support/messages.h"

static void (*native_turn)(void);
static __thread bool dispatches;

static FARPROC from_user32(const char *name)
{
    HMODULE library = GetModuleHandleW(L"user32.dll");

    return library != NULL ? GetProcAddress(library, name) : NULL;
}

bool has_windows(void)
{
    return GetModuleHandleW(L"user32.dll") != NULL;
}

bool take_message(MSG *message)
{
    __typeof__(&PeekMessageW) peek = (__typeof__(peek))(void (*)(void))from_user32("PeekMessageW");

    return peek != NULL && peek(message, NULL, 0, 0, PM_REMOVE);
}

void dispatch_message(const MSG *message)
{
    __typeof__(&DispatchMessageW) dispatch =
        (__typeof__(dispatch))(void (*)(void))from_user32("DispatchMessageW");

    dispatch(message);
}

void put_message_back(const MSG *message)
{
    __typeof__(&PostMessageW) post = (__typeof__(post))(void (*)(void))from_user32("PostMessageW");

    post(message->hwnd, message->message, message->wParam, message->lParam);
}

void put_thread_message_back(const MSG *message)
{
    __typeof__(&PostThreadMessageW) post =
        (__typeof__(post))(void (*)(void))from_user32("PostThreadMessageW");

    post(GetCurrentThreadId(), message->message, message->wParam, message->lParam);
}

static BOOL CALLBACK take_native_turn(DWORD_PTR context)
{
    (void)context;
    native_turn();
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback == NULL) {
        *callback = take_native_turn;
    }
    return returned;
}

void run_in_native_waits(WSPUPCALLTABLE *upcalls, void (*turn)(void))
{
    native_turn = turn;
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void dispatch_all(void)
{
    MSG message;

    dispatches = true;
    while (take_message(&message)) {
        dispatch_message(&message);
    }
    dispatches = false;
}

void dispatch_in_native_waits(WSPUPCALLTABLE *upcalls)
{
    run_in_native_waits(upcalls, dispatch_all);
}

bool dispatches_messages(void)
{
    return dispatches;
}
