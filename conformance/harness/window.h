/*
 * Message-only windows and the messages of a thread, for cases in which the blocking callback pumps
 * messages. user32 is loaded by the first window only: it more than doubles what a process costs
 * under Wine.
 */
#ifndef WSPCTS_HARNESS_WINDOW_H
#define WSPCTS_HARNESS_WINDOW_H

#include "harness/winsock.h"

struct message_window;

/* Runs in the window procedure, on the window's thread. */
typedef void (*message_act)(void *argument);

/*
 * Opens a window on the calling thread, whose procedure runs the act for each message of
 * message_window_post. NULL if there is no window to be had.
 */
struct message_window *message_window_open(message_act act);

/* Posts a message that makes the window's procedure run its act; false if that is refused. */
bool message_window_post(struct message_window *window, void *argument);

/* The same for another thread's window with a message that is sent, without waiting for it. */
bool message_window_send(struct message_window *window, void *argument);

/* For a provider that is to post messages to it. */
HWND message_window_handle(const struct message_window *window);

/* How often the procedure ran the act. */
unsigned message_window_acts(const struct message_window *window);

/* As the classic blocking hook: dispatches the messages of the calling thread that are there. */
void messages_dispatch(void);

/* The same for the first of them; false if there is none. */
bool message_dispatch_one(void);

/*
 * As a modal dialogue: waits for the messages of the calling thread and dispatches them, until one
 * of them has set `*done`, or there are no more to come.
 */
void messages_dispatch_until(const volatile LONG *done);

/*
 * Posts the same message to the calling thread itself, for none of its windows; false if that is
 * refused. No procedure ever gets it.
 */
bool message_post_to_thread(void *argument);

/*
 * Takes the messages of the two above that are left in the calling thread's queue, in their order:
 * their arguments, `most` at the most; how many there were.
 */
unsigned messages_take_left(void **arguments, unsigned most);

/*
 * Takes a message with that wParam out of the calling thread's queue, where it may have to be
 * waited for; false after `milliseconds`. Those of the same number with another wParam, which come
 * before it, are kept for later calls of this function on this thread; all others stay.
 */
bool message_take(HWND window, UINT message, WPARAM wide, DWORD milliseconds,
                  LPARAM *long_parameter);

/* How the calling thread is told to end its message loop. */
enum quitting { BY_POST_QUIT_MESSAGE, BY_POST_THREAD_MESSAGE };

/* Puts a WM_QUIT into the calling thread's queue; false if that is refused. */
bool message_post_quit(enum quitting how);

/* Takes those that are left there; how many that makes with those that were come across before. */
unsigned messages_take_quits(void);

/* PostMessage; for the upcall, too. */
bool message_post(HWND window, UINT message, WPARAM wide, LPARAM long_parameter);

#endif
