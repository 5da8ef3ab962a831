#include "harness/census.h"

#include <tlhelp32.h>

/* Documented, but in no header: what NtQueryInformationThread is asked for. */
enum { START_ADDRESS = 9 };

typedef LONG(WINAPI *thread_query)(HANDLE thread, int what, void *value, ULONG size, ULONG *length);

bool census_take(struct census *census)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    DWORD self = GetCurrentProcessId();

    census->count = 0;
    if (snapshot == INVALID_HANDLE_VALUE) {
        return false;
    }
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry)) {
        if (entry.th32OwnerProcessID == self && census->count < CENSUS_MAX) {
            census->threads[census->count++] = entry.th32ThreadID;
        }
    }
    CloseHandle(snapshot);
    return census->count > 0;
}

static bool holds(const struct census *census, DWORD thread)
{
    for (unsigned i = 0; i < census->count; i++) {
        if (census->threads[i] == thread) {
            return true;
        }
    }
    return false;
}

/* Where a thread begins; NULL if the system does not tell. */
static void *start_of(DWORD id)
{
    thread_query query = (thread_query)(void (*)(void))GetProcAddress(
        GetModuleHandleW(L"ntdll.dll"), "NtQueryInformationThread");
    HANDLE thread = OpenThread(THREAD_QUERY_INFORMATION, FALSE, id);
    void *start = NULL;

    if (thread == NULL) {
        return NULL;
    }
    if (query == NULL || query(thread, START_ADDRESS, &start, sizeof start, NULL) != 0) {
        start = NULL;
    }
    CloseHandle(thread);
    return start;
}

static bool is_of_the_system(const void *address)
{
    WCHAR system[MAX_PATH];
    WCHAR path[MAX_PATH];
    int length = (int)GetSystemDirectoryW(system, ARRAYSIZE(system));
    HMODULE module;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            address, &module) ||
        GetModuleFileNameW(module, path, ARRAYSIZE(path)) == 0) {
        return true; /* who knows */
    }
    return CompareStringOrdinal(path, length, system, length, TRUE) == CSTR_EQUAL;
}

struct newcomers census_newcomers(const struct census *census)
{
    struct newcomers newcomers = {0};
    struct census now;

    if (!census_take(&now)) {
        return newcomers;
    }
    for (unsigned i = 0; i < now.count; i++) {
        const void *start;
        if (holds(census, now.threads[i])) {
            continue;
        }
        start = start_of(now.threads[i]);
        newcomers.all++;
        newcomers.not_of_the_system += start != NULL && !is_of_the_system(start);
    }
    return newcomers;
}

unsigned census_threads(void)
{
    struct census census;

    return census_take(&census) ? census.count : 0;
}

/* Handles are multiples of four; behind so many unused ones there is none. */
enum { HANDLE_STEP = 4, UNUSED_ENOUGH = 1024 };

/* One by one: the list of all handles of the system, made while a process starts, ends Wine's
 * server. */
static unsigned counted_by_value(void)
{
    unsigned count = 0;
    unsigned unused = 0;

    for (ULONG_PTR value = HANDLE_STEP; unused < UNUSED_ENOUGH; value += HANDLE_STEP) {
        DWORD flags;
        if (GetHandleInformation((HANDLE)value, &flags)) {
            count++;
            unused = 0;
        } else {
            unused++;
        }
    }
    return count;
}

unsigned census_handles(void)
{
    DWORD error = GetLastError();
    DWORD count = 0;

    /* Wine answers it with none. */
    if (!GetProcessHandleCount(GetCurrentProcess(), &count) || count == 0) {
        count = counted_by_value();
    }
    SetLastError(error);
    return count;
}
