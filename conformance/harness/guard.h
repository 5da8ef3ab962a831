/*
 * The process guards itself: what crashes, hangs or ends it becomes a `guard` line that names the
 * call into the provider that was open, and a reserved exit code.
 */
#ifndef WSPCTS_HARNESS_GUARD_H
#define WSPCTS_HARNESS_GUARD_H

#include "harness/winsock.h"

/* Exit codes of the executable (docs/protocol.md). */
enum exit_code {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1,
    EXIT_UNDECIDED = 77,
    EXIT_CRASHED = 86,
    EXIT_BROKEN = 99,
    EXIT_HUNG = 124
};

/* Job object, exception filter, abort handler. Before the provider is loaded. */
void guard_install(void);

/*
 * Runs `work` on a thread of its own and watches it from the calling one, which holds no lock the
 * provider could want. Returns only if the work did; the deadline is the budget `case`.
 */
void guard_run(void (*work)(void));

/* Keeps a handle of the harness from a provider that closes handles it does not own. */
void guard_handle(HANDLE handle);

/*
 * Around LoadLibrary: the loader catches a crash of DllMain and only says that the DLL cannot be
 * loaded. If `error`, what LoadLibrary said (0: nothing), comes from a crash, the guard says so and
 * leaves.
 */
void guard_watch_loading(void);
void guard_loading_ended(DWORD error);

struct harness_thread;

/* Says that a thread of ours was ended in the provider's code, and leaves. */
void guard_thread_ended(struct harness_thread *thread) __attribute__((noreturn));

/* Ends the process with nothing of the provider's run any more. */
void guard_leave(enum exit_code code) __attribute__((noreturn));

#endif
