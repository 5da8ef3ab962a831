#include "harness/window.h"

#include <stdlib.h>
#include <string.h>

#define USER32_FUNCTIONS(X)                                                                        \
    X(CreateDesktopW)                                                                              \
    X(CreateWindowExW)                                                                             \
    X(CreateWindowStationW)                                                                        \
    X(DefWindowProcW)                                                                              \
    X(DispatchMessageW)                                                                            \
    X(GetMessageW)                                                                                 \
    X(MsgWaitForMultipleObjects)                                                                   \
    X(PeekMessageW)                                                                                \
    X(PostMessageW)                                                                                \
    X(PostQuitMessage)                                                                             \
    X(PostThreadMessageW)                                                                          \
    X(RegisterClassW)                                                                              \
    X(SendNotifyMessageW)                                                                          \
    X(SetProcessWindowStation)                                                                     \
    X(SetThreadDesktop)                                                                            \
    X(TranslateMessage)

/* The functions of user32, under their own names, each of the type its header gives it. */
static struct {
#define X(name) __typeof__ (&(name))(name);
    USER32_FUNCTIONS(X)
#undef X
} user32;

static INIT_ONCE user32_loaded = INIT_ONCE_STATIC_INIT;
static HDESK desktop; /* for the windows to live on; NULL: the one there is */

enum { RUN_THE_ACT = WM_APP + 1 };

struct message_window {
    HWND handle;
    message_act act;
    volatile LONG acts;
};

/*
 * The first window of a Wine session starts a desktop program, which can take a second; a desktop
 * that nobody sees does without. Windows would not carry messages between two desktops.
 */
static HDESK own_desktop(void)
{
    HWINSTA station;

    if (GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") == NULL) {
        return NULL;
    }
    station = user32.CreateWindowStationW(NULL, 0, WINSTA_ALL_ACCESS, NULL);
    if (station == NULL || !user32.SetProcessWindowStation(station)) {
        return NULL;
    }
    return user32.CreateDesktopW(L"wspcts", NULL, NULL, 0, GENERIC_ALL, NULL);
}

static BOOL CALLBACK load_user32(PINIT_ONCE once, void *argument, void **context)
{
    HMODULE library = LoadLibraryW(L"user32.dll");
    bool complete = library != NULL;

    (void)once;
    (void)argument;
    (void)context;
#define X(name)                                                                                    \
    user32.name =                                                                                  \
        complete ? (__typeof__(&(name)))(void (*)(void))GetProcAddress(library, #name) : NULL;     \
    complete = user32.name != NULL;
    USER32_FUNCTIONS(X)
#undef X
    if (complete) {
        desktop = own_desktop();
    }
    return complete;
}

static bool has_user32(void)
{
    return InitOnceExecuteOnce(&user32_loaded, load_user32, NULL, NULL);
}

static LRESULT CALLBACK procedure(HWND handle, UINT message, WPARAM wide, LPARAM long_parameter)
{
    if (message == RUN_THE_ACT) {
        struct message_window *window = (struct message_window *)wide;
        InterlockedIncrement(&window->acts);
        window->act((void *)long_parameter);
        return 0;
    }
    return user32.DefWindowProcW(handle, message, wide, long_parameter);
}

struct message_window *message_window_open(message_act act)
{
    static const wchar_t name[] = L"wspcts message window";
    WNDCLASSW window_class = {
        .lpfnWndProc = procedure, .hInstance = GetModuleHandleW(NULL), .lpszClassName = name};
    struct message_window *window = calloc(1, sizeof *window);

    window->act = act;
    if (has_user32()) {
        if (desktop != NULL) {
            user32.SetThreadDesktop(desktop);
        }
        /* A class that is registered already serves as well. */
        user32.RegisterClassW(&window_class);
        window->handle = user32.CreateWindowExW(0, name, name, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL,
                                                window_class.hInstance, NULL);
    }
    if (window->handle == NULL) {
        free(window);
        return NULL;
    }
    return window;
}

bool message_window_post(struct message_window *window, void *argument)
{
    return message_post(window->handle, RUN_THE_ACT, (WPARAM)window, (LPARAM)argument);
}

bool message_window_send(struct message_window *window, void *argument)
{
    return has_user32() &&
           user32.SendNotifyMessageW(window->handle, RUN_THE_ACT, (WPARAM)window, (LPARAM)argument);
}

HWND message_window_handle(const struct message_window *window)
{
    return window->handle;
}

unsigned message_window_acts(const struct message_window *window)
{
    return (unsigned)window->acts;
}

/*
 * How many WM_QUIT the thread has come across. The one of PostQuitMessage comes to whoever looks
 * for messages, of whatever number; and to dispatch it does nothing.
 */
static __thread unsigned quits_found;

bool message_dispatch_one(void)
{
    MSG message;

    if (!has_user32() || !user32.PeekMessageW(&message, NULL, 0, 0, PM_REMOVE)) {
        return false;
    }
    quits_found += message.message == WM_QUIT;
    user32.TranslateMessage(&message);
    user32.DispatchMessageW(&message);
    return true;
}

void messages_dispatch(void)
{
    while (message_dispatch_one()) {
    }
}

void messages_dispatch_until(const volatile LONG *done)
{
    MSG message;

    while (*done == 0 && has_user32() && user32.GetMessageW(&message, NULL, 0, 0) > 0) {
        user32.TranslateMessage(&message);
        user32.DispatchMessageW(&message);
    }
}

/* Messages of other sockets than the one that was asked about: whoever asks for them later. */
enum { ASIDE_MAX = 32 };
static __thread MSG aside[ASIDE_MAX];
static __thread unsigned asides;

static bool is_wanted(const MSG *taken, HWND window, UINT message, WPARAM wide)
{
    return taken->hwnd == window && taken->message == message && taken->wParam == wide;
}

static void put_aside(const MSG *taken)
{
    if (asides < ASIDE_MAX) {
        aside[asides++] = *taken;
    }
}

static bool take_from_aside(HWND window, UINT message, WPARAM wide, LPARAM *long_parameter)
{
    for (unsigned i = 0; i < asides; i++) {
        if (is_wanted(&aside[i], window, message, wide)) {
            *long_parameter = aside[i].lParam;
            memmove(&aside[i], &aside[i + 1], (--asides - i) * sizeof aside[0]);
            return true;
        }
    }
    return false;
}

bool message_post_to_thread(void *argument)
{
    return has_user32() &&
           user32.PostThreadMessageW(GetCurrentThreadId(), RUN_THE_ACT, 0, (LPARAM)argument);
}

bool message_post_quit(enum quitting how)
{
    if (!has_user32()) {
        return false;
    }
    if (how == BY_POST_THREAD_MESSAGE) {
        return user32.PostThreadMessageW(GetCurrentThreadId(), WM_QUIT, 0, 0);
    }
    user32.PostQuitMessage(0);
    return true;
}

unsigned messages_take_quits(void)
{
    MSG taken;

    while (has_user32() && user32.PeekMessageW(&taken, NULL, WM_QUIT, WM_QUIT, PM_REMOVE)) {
        quits_found++;
    }
    return quits_found;
}

unsigned messages_take_left(void **arguments, unsigned most)
{
    unsigned count = 0;
    MSG taken;

    while (has_user32() && count < most &&
           user32.PeekMessageW(&taken, NULL, RUN_THE_ACT, RUN_THE_ACT, PM_REMOVE)) {
        if (taken.message == WM_QUIT) {
            quits_found++;
        } else {
            arguments[count++] = (void *)taken.lParam;
        }
    }
    return count;
}

bool message_take(HWND window, UINT message, WPARAM wide, DWORD milliseconds,
                  LPARAM *long_parameter)
{
    ULONGLONG deadline = GetTickCount64() + milliseconds;
    ULONGLONG now;
    MSG taken;

    if (!has_user32()) {
        return false;
    }
    if (take_from_aside(window, message, wide, long_parameter)) {
        return true;
    }
    do {
        while (user32.PeekMessageW(&taken, window, message, message, PM_REMOVE)) {
            if (is_wanted(&taken, window, message, wide)) {
                *long_parameter = taken.lParam;
                return true;
            }
            put_aside(&taken);
        }
        now = GetTickCount64();
    } while (now < deadline &&
             user32.MsgWaitForMultipleObjects(0, NULL, FALSE, (DWORD)(deadline - now),
                                              QS_POSTMESSAGE) == WAIT_OBJECT_0);
    return false;
}

bool message_post(HWND window, UINT message, WPARAM wide, LPARAM long_parameter)
{
    return has_user32() && user32.PostMessageW(window, message, wide, long_parameter);
}
