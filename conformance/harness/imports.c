#include "harness/imports.h"

#include "harness/evidence.h"
#include "harness/upcall.h"

#include <psapi.h>
#include <string.h>

enum { MODULES_MAX = 512 };

/* Any function: nothing is known of it but where it is. */
typedef void (*function_address)(void);

/* A function, wherever it is exported, and what stands in for it. */
struct redirection {
    const wchar_t *module;
    const char *name;
    function_address with;
    function_address real; /* NULL until it is looked up */
};

static FARPROC WINAPI get_proc_address(HMODULE module, LPCSTR name);

static struct redirection redirections[] = {
    {L"ws2_32.dll", "WPUCompleteOverlappedRequest",
     (function_address)upcall_complete_overlapped_request, NULL},
    {L"kernel32.dll", "GetProcAddress", (function_address)get_proc_address, NULL},
    {L"kernelbase.dll", "GetProcAddress", (function_address)get_proc_address, NULL},
};

/* Ours as it was before anything was redirected. */
static FARPROC(WINAPI *real_get_proc_address)(HMODULE module, LPCSTR name);

static HMODULE modules_before[MODULES_MAX];
static DWORD modules_before_count;
static HMODULE modules_done[MODULES_MAX];
static DWORD modules_done_count;

static function_address redirected(function_address function)
{
    for (size_t i = 0; i < ARRAYSIZE(redirections); i++) {
        if (function != NULL && function == redirections[i].real) {
            return redirections[i].with;
        }
    }
    return function;
}

/* What providers get in place of GetProcAddress. */
static FARPROC WINAPI get_proc_address(HMODULE module, LPCSTR name)
{
    return (FARPROC)redirected((function_address)real_get_proc_address(module, name));
}

static void look_up(void)
{
    if (real_get_proc_address != NULL) {
        return;
    }
    real_get_proc_address = GetProcAddress;
    for (size_t i = 0; i < ARRAYSIZE(redirections); i++) {
        HMODULE module = GetModuleHandleW(redirections[i].module);
        if (module != NULL) {
            redirections[i].real = (function_address)GetProcAddress(module, redirections[i].name);
        }
    }
}

static bool replace(function_address *slot)
{
    function_address with = redirected(*slot);
    DWORD protection;

    if (with == *slot || !VirtualProtect(slot, sizeof *slot, PAGE_READWRITE, &protection)) {
        return false;
    }
    *slot = with;
    VirtualProtect(slot, sizeof *slot, protection, &protection);
    return true;
}

/* The import descriptors of a module, which are closed by an empty one; NULL if it has none. */
static const IMAGE_IMPORT_DESCRIPTOR *imports_of(HMODULE module)
{
    const char *base = (const char *)module;
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *nt = (const void *)(base + dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *directory =
        &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];

    return directory->Size == 0 ? NULL : (const void *)(base + directory->VirtualAddress);
}

unsigned imports_redirect_in(HMODULE module)
{
    const IMAGE_IMPORT_DESCRIPTOR *descriptor = imports_of(module);
    unsigned count = 0;

    look_up();
    for (; descriptor != NULL && descriptor->FirstThunk != 0; descriptor++) {
        /* By the address, so that an import by ordinal is found as well. */
        function_address *slot =
            (function_address *)(void *)((char *)module + descriptor->FirstThunk);
        for (; *slot != NULL; slot++) {
            count += replace(slot);
        }
    }
    return count;
}

static DWORD list_modules(HMODULE modules[MODULES_MAX])
{
    DWORD size = MODULES_MAX * sizeof *modules;
    DWORD needed = 0;

    if (!EnumProcessModules(GetCurrentProcess(), modules, size, &needed)) {
        return 0;
    }
    return min(needed, size) / sizeof *modules;
}

static bool is_among(HMODULE module, const HMODULE *modules, DWORD count)
{
    for (DWORD i = 0; i < count; i++) {
        if (modules[i] == module) {
            return true;
        }
    }
    return false;
}

/* The parts of the system ask for functions of their own. */
static bool is_of_the_system(HMODULE module)
{
    WCHAR path[MAX_PATH];
    WCHAR system[MAX_PATH];
    UINT length = GetSystemDirectoryW(system, ARRAYSIZE(system));

    return GetModuleFileNameW(module, path, ARRAYSIZE(path)) > length &&
           CompareStringOrdinal(path, (int)length, system, (int)length, TRUE) == CSTR_EQUAL &&
           path[length] == L'\\';
}

void imports_remember_modules(void)
{
    modules_before_count = list_modules(modules_before);
}

void imports_redirect(void)
{
    static HMODULE modules[MODULES_MAX];
    DWORD count = list_modules(modules);

    for (DWORD i = 0; i < count; i++) {
        if (is_among(modules[i], modules_before, modules_before_count) ||
            is_among(modules[i], modules_done, modules_done_count) ||
            modules_done_count == MODULES_MAX) {
            continue;
        }
        modules_done[modules_done_count++] = modules[i];
        if (!is_of_the_system(modules[i])) {
            evidence_note("imports", "%u redirected", imports_redirect_in(modules[i]));
        }
    }
}
