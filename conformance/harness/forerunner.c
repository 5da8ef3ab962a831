#include "harness/forerunner.h"

#include "harness/evidence.h"
#include "harness/expect.h"
#include "harness/guard.h"
#include "harness/names.h"
#include "harness/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

/* Beneath those that systems give to sockets without a name. */
enum { FIRST_PORT = 20000, PORTS = 10000 };

/* How the forerunner ends: nobody looks at it. */
enum { KILLED = 1 };

enum { MORE_TRIES = 2 };

bool is_forerunner(void)
{
    return settings.forerunner != NULL;
}

void forerunner_stays_here(void)
{
    SetEvent(settings.forerunner);
    for (;;) {
        WaitForSingleObject(GetCurrentProcess(), INFINITE);
    }
}

struct sockaddr_storage forerunner_address(void)
{
    struct sockaddr_storage address = {0};

    parse_address(settings.forerunner_address, &address);
    return address;
}

/* Processes that run at the same time have ids that are close to each other. */
static void choose_address(int family)
{
    snprintf(settings.forerunner_address, sizeof settings.forerunner_address,
             family == AF_INET6 ? "[%s]:%lu" : "%s:%lu",
             family == AF_INET6 ? settings.local6 : settings.local4,
             FIRST_PORT + GetCurrentProcessId() % PORTS);
}

/* Our own command line, and who it is for. */
static wchar_t *command_line(HANDLE event)
{
    static const wchar_t format[] = L"%ls --set forerunner=%llu@%hs";
    const wchar_t *ours = GetCommandLineW();
    size_t size = wcslen(ours) + ARRAYSIZE(format) + 24 + sizeof settings.forerunner_address;
    wchar_t *line = calloc(size, sizeof *line);

    swprintf(line, size, format, ours, (unsigned long long)(uintptr_t)event,
             settings.forerunner_address);
    return line;
}

/* It is heard by nobody, and has none of our handles but the event. */
static HANDLE start(HANDLE event)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    HANDLE nowhere =
        CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                    &inherited, OPEN_EXISTING, 0, NULL);
    STARTUPINFOW how = {.cb = sizeof how,
                        .dwFlags = STARTF_USESTDHANDLES,
                        .hStdInput = nowhere,
                        .hStdOutput = nowhere,
                        .hStdError = nowhere};
    PROCESS_INFORMATION process = {0};
    wchar_t *line = command_line(event);
    bool started = CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &how, &process);

    /* On a busy machine Wine sometimes starts none; nothing of the provider has begun by then. */
    for (int more = MORE_TRIES; !started && more > 0; more--) {
        evidence_note("forerunner", "the system does not start it (%lu): once more",
                      GetLastError());
        started = CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &how, &process);
    }
    free(line);
    CloseHandle(nowhere);
    if (!started) {
        return NULL;
    }
    CloseHandle(process.hThread);
    guard_handle(process.hProcess);
    return process.hProcess;
}

bool run_and_kill_forerunner(int family)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
    HANDLE waits[2] = {CreateEventW(&inherited, TRUE, FALSE, NULL), NULL};
    DWORD found;
    bool is_gone;

    choose_address(family);
    waits[1] = start(waits[0]);
    require_that(BROKEN("environment"), waits[1] != NULL, "another process of the same program",
                 "it starts", "it does not: %lu", GetLastError());
    found = WaitForMultipleObjects(2, waits, FALSE,
                                   settings.debug ? INFINITE : settings.budgets.whole / 2);
    TerminateProcess(waits[1], KILLED);
    is_gone = WaitForSingleObject(waits[1], settings.budgets.data) == WAIT_OBJECT_0;
    require_that(BROKEN("environment"), is_gone, "that process, which is killed", "it ends",
                 "it goes on");
    evidence_note("forerunner", "%s",
                  found == WAIT_OBJECT_0       ? "it came to the point, and was killed there"
                  : found == WAIT_OBJECT_0 + 1 ? "it ended before it came to the point"
                                               : "it did not come to the point");
    return found == WAIT_OBJECT_0;
}
