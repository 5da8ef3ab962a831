#include "harness/imports.h"

#include "harness/evidence.h"
#include "harness/upcall.h"

#include <string.h>

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

/* What ntdll tells of a module; documented, but in no header. */
struct counted_text {
    USHORT bytes;
    USHORT room;
    const WCHAR *text;
};

struct notification {
    ULONG flags;
    const struct counted_text *path;
    const struct counted_text *name;
    HMODULE module;
    ULONG size;
};

/* The parts of the system ask for functions of their own. */
static bool is_of_the_system(const struct counted_text *path)
{
    WCHAR system[MAX_PATH];
    UINT length = GetSystemDirectoryW(system, ARRAYSIZE(system));

    return path->bytes / sizeof(WCHAR) > length &&
           CompareStringOrdinal(path->text, (int)length, system, (int)length, TRUE) == CSTR_EQUAL &&
           path->text[length] == L'\\';
}

enum { MODULE_LOADED = 1, MODULE_UNLOADED = 2, MODULES_MAX = 256 };

typedef void(CALLBACK *notification_function)(ULONG reason, const struct notification *data,
                                              void *context);
typedef LONG(WINAPI *notification_register)(ULONG flags, notification_function function,
                                            void *context, void **cookie);

/* What was loaded since, and is still there; a place that is free holds NULL. */
static HMODULE modules[MODULES_MAX];

static void replace_module(HMODULE old, HMODULE new)
{
    for (size_t i = 0; i < MODULES_MAX; i++) {
        if (modules[i] == old) {
            modules[i] = new;
            return;
        }
    }
}

static void redirect_in(HMODULE module)
{
    unsigned count = imports_redirect_in(module);

    if (count > 0) {
        evidence_note("imports", "%u redirected", count);
    }
}

/* In the loader. */
static void CALLBACK on_module(ULONG reason, const struct notification *data, void *context)
{
    (void)context;
    if (reason == MODULE_UNLOADED) {
        replace_module(data->module, NULL);
    } else if (reason == MODULE_LOADED && !is_of_the_system(data->path)) {
        replace_module(NULL, data->module);
        redirect_in(data->module);
    }
}

void imports_watch_loading(void)
{
    notification_register watch = (notification_register)(void (*)(void))GetProcAddress(
        GetModuleHandleW(L"ntdll.dll"), "LdrRegisterDllNotification");
    static bool watches;
    void *cookie;

    if (watches) {
        return;
    }
    watches = true;
    look_up();
    if (watch == NULL || watch(0, on_module, NULL, &cookie) != 0) {
        evidence_note("imports", "%s", "the loader cannot be watched, so none is redirected");
    }
}

void imports_redirect(void)
{
    for (size_t i = 0; i < MODULES_MAX; i++) {
        if (modules[i] != NULL) {
            redirect_in(modules[i]);
        }
    }
}
