#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread void *way_out[5];
static __thread bool cancelled;
static __thread HHOOK hook;

/* A function of user32, which only a program that has windows has loaded. */
static void (*user32(const char *name))(void)
{
    return (void (*)(void))GetProcAddress(GetModuleHandleW(L"user32.dll"), name);
}

/* The next message that anyone takes from the queue is the chance to get away. */
static LRESULT CALLBACK leave(int code, WPARAM wide, LPARAM long_parameter)
{
    (void)code;
    (void)wide;
    (void)long_parameter;
    if (cancelled) {
        __builtin_longjmp(way_out, 1);
    }
    return 0;
}

static void watch_messages(void)
{
    __typeof__(&SetWindowsHookExW) set = (__typeof__(set))user32("SetWindowsHookExW");

    if (set != NULL) {
        hook = set(WH_GETMESSAGE, leave, NULL, GetCurrentThreadId());
    }
}

static void stop_watching(void)
{
    __typeof__(&UnhookWindowsHookEx) end = (__typeof__(end))user32("UnhookWindowsHookEx");

    cancelled = false;
    if (hook != NULL) {
        end(hook);
        hook = NULL;
    }
}

static BOOL CALLBACK call_back(DWORD_PTR context)
{
    BOOL answer = FALSE;

    if (__builtin_setjmp(way_out) == 0) {
        answer = callback(context);
    }
    if (cancelled) {
        stop_watching();
    }
    return answer;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && !cancelled && GetModuleHandleW(L"user32.dll") != NULL) {
        cancelled = true;
        watch_messages();
    }
    return returned;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_back : NULL;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "PSB-03",
    .what =
        "a cancelled call ends with the next message that a loop of its thread takes, be it one "
        "inside the window procedure",
    .caught_by = "cancel/waits_for_the_window_procedure/connect_runs_a_loop_ipv4"
                 " cancel/waits_for_the_window_procedure/select_runs_a_loop_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
