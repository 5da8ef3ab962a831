#include "harness/network.h"

#include "harness/evidence.h"
#include "harness/expect.h"
#include "harness/provider.h"
#include "harness/settings.h"
#include "harness/thread.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

typedef int(WSPAPI *network_function)(BOOL up);

enum { COMMAND_SIZE = NETWORK_TEXT_SIZE + 32 };

static bool is_down;
static int64_t down_from; /* 0: it never was */
static int64_t down_to;

struct change {
    BOOL up;
    network_function function;
    int returned;
};

static network_function exported(void)
{
    return (network_function)(void (*)(void))provider_export(settings.network_function);
}

static void call_function(void *argument)
{
    struct change *change = argument;

    change->returned = change->function(change->up);
}

/* On a thread of its own: it is the provider's code, and may never return. */
static bool change_by_function(BOOL up, char *complaint, size_t size)
{
    static struct change change;
    struct client *caller;

    change.up = up;
    change.function = exported();
    caller = client_start("network");
    client_post(caller, call_function, &change);
    if (!client_wait(caller, settings.debug ? INFINITE : settings.budgets.data)) {
        snprintf(complaint, size, "%s does not return", settings.network_function);
        return false;
    }
    snprintf(complaint, size, "%s returned %d", settings.network_function, change.returned);
    return change.returned == 0;
}

/* The folder of the provider, for what the commands name. */
static void folder_of_provider(wchar_t folder[MAX_PATH])
{
    wchar_t *end;

    wcsncpy(folder, settings.provider_path, MAX_PATH - 1);
    folder[MAX_PATH - 1] = L'\0';
    end = wcsrchr(folder, L'\\');
    if (end == NULL) {
        end = wcsrchr(folder, L'/');
    }
    if (end != NULL) {
        *end = L'\0';
    } else {
        wcscpy(folder, L".");
    }
}

static bool change_by_command(const char *command, char *complaint, size_t size)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    wchar_t folder[MAX_PATH];
    wchar_t line[COMMAND_SIZE];
    DWORD status = 1;

    folder_of_provider(folder);
    /* With /s everything between the outermost quotation marks is the command, as it stands. */
    if (swprintf(line, COMMAND_SIZE, L"cmd.exe /d /s /c \"%hs\"", command) < 0 ||
        !CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, folder, &startup, &process)) {
        snprintf(complaint, size, "%s cannot be run (error %lu)", command, GetLastError());
        return false;
    }
    if (WaitForSingleObject(process.hProcess, settings.debug ? INFINITE : settings.budgets.data) !=
        WAIT_OBJECT_0) {
        snprintf(complaint, size, "%s does not end", command);
        TerminateProcess(process.hProcess, 1);
    } else {
        GetExitCodeProcess(process.hProcess, &status);
        snprintf(complaint, size, "%s ended with status %lu", command, status);
    }
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return status == 0;
}

static bool change(BOOL up, char *complaint, size_t size)
{
    return *settings.network_function != '\0'
               ? change_by_function(up, complaint, size)
               : change_by_command(up ? settings.network_up : settings.network_down, complaint,
                                   size);
}

void network_require(void)
{
    bool by_commands = *settings.network_down != '\0' && *settings.network_up != '\0';

    require_that(OFFERED, by_commands || *settings.network_function != '\0',
                 "the description of the provider",
                 "it names how the network is brought down and up", "it does not");
    if (*settings.network_function != '\0') {
        require_holds(NEEDED("provider"), exported() != NULL, "the provider's exports",
                      "the function that its description names", "no %s",
                      settings.network_function);
    }
}

void network_bring_down(void)
{
    char complaint[COMMAND_SIZE + 80];
    bool done;

    /* From here on it may be down, whatever is said of it. */
    evidence_note("network", "going down");
    is_down = true;
    down_from = evidence_now();
    down_to = INT64_MAX;
    done = change(FALSE, complaint, sizeof complaint);
    require_holds(NEEDED("provider"), done, "what brings the network down", "it works", "%s",
                  complaint);
    evidence_note("network", "down");
}

static bool bring_up(char *complaint, size_t size)
{
    evidence_note("network", "coming up");
    if (!change(TRUE, complaint, size)) {
        return false;
    }
    is_down = false;
    down_to = evidence_now();
    /* The word that the orchestration looks for. */
    evidence_note("network", "up");
    return true;
}

void network_bring_up(void)
{
    char complaint[COMMAND_SIZE + 80];
    bool done = bring_up(complaint, sizeof complaint);

    require_holds(NEEDED("provider"), done, "what brings the network up", "it works", "%s",
                  complaint);
}

void network_leave_up(void)
{
    char complaint[COMMAND_SIZE + 80];

    if (is_down && !bring_up(complaint, sizeof complaint)) {
        expect_that(BROKEN("environment"), false, "the network at the end of the case", "up", "%s",
                    complaint);
    }
}

bool network_was_down(int64_t from, int64_t to)
{
    return down_from != 0 && from <= down_to && to >= down_from;
}

bool network_bring_up_alone(char *complaint, size_t size)
{
    network_function function;
    HMODULE library;
    int returned;

    if (*settings.network_function == '\0') {
        return change_by_command(settings.network_up, complaint, size);
    }
    library = LoadLibraryExW(settings.provider_path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    function =
        library != NULL
            ? (network_function)(void (*)(void))GetProcAddress(library, settings.network_function)
            : NULL;
    if (function == NULL) {
        snprintf(complaint, size, "the provider cannot be loaded, or exports no %s",
                 settings.network_function);
        return false;
    }
    returned = function(TRUE);
    snprintf(complaint, size, "%s returned %d", settings.network_function, returned);
    return returned == 0;
}
