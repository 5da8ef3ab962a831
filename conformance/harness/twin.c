#include "harness/twin.h"

#include "harness/imports.h"
#include "harness/spi.h"
#include "harness/upcall.h"

#include <wchar.h>

/* Far from the entries that the provider itself is started for. */
enum { ENTRIES_APART = 100 };

static WCHAR copy[MAX_PATH];
static HMODULE library;
static struct entry entry;

/* What the provider needs beside it is looked for where the original lies. */
static void look_beside_the_original(void)
{
    WCHAR folder[MAX_PATH];
    WCHAR *end;

    if (wcslen(settings.provider_path) >= ARRAYSIZE(folder)) {
        return;
    }
    wcscpy(folder, settings.provider_path);
    end = wcsrchr(folder, L'\\');
    if (end != NULL) {
        *end = L'\0';
        SetDllDirectoryW(folder);
    }
}

static void load(void)
{
    WCHAR folder[MAX_PATH - 32];
    struct spi_call *call;
    DWORD length = GetTempPathW(ARRAYSIZE(folder), folder);

    require_that(NEEDED("environment"), length > 0 && length < ARRAYSIZE(folder),
                 "a folder for a copy of the provider", "one", "none");
    swprintf(copy, ARRAYSIZE(copy), L"%lswspcts-twin-%lu.dll", folder, GetCurrentProcessId());
    require_that(NEEDED("environment"), CopyFileW(settings.provider_path, copy, FALSE),
                 "a copy of the provider", "one", "none");
    look_beside_the_original();
    call = spi_enter(SPI_LoadLibrary, NULL, "%s", "a copy of the provider");
    library = LoadLibraryW(copy);
    spi_leave(call, OUTCOME_CODE, library == NULL, library == NULL ? (INT_PTR)GetLastError() : 0);
    if (library == NULL) {
        DeleteFileW(copy);
        stop_case(NEEDED("provider"), "a copy of the provider, loaded beside it", "a module",
                  "none");
    }
    imports_redirect();
}

struct entry *twin_start(enum entry_kind kind)
{
    LPWSPSTARTUP startup;
    struct spi_call *call;
    int code;

    load();
    startup = (LPWSPSTARTUP)(void (*)(void))GetProcAddress(library, "WSPStartup");
    entry = *provider_entry(kind);
    entry.started = 0;
    entry.info = provider_protocol_info(kind);
    entry.info.dwCatalogEntryId += ENTRIES_APART;
    call = spi_enter(SPI_WSPStartup, &entry, "%s", "of the copy");
    code = startup(MAKEWORD(2, 2), &entry.data, &entry.info, upcall_table(), &entry.table);
    entry.startup = spi_leave(call, OUTCOME_CODE, code != 0, code);
    if (code != 0) {
        twin_end();
    }
    require_outcome(NEEDED("provider"), "WSPStartup of a copy of the provider", entry.startup,
                    ONE_OF(RETURNS(0)));
    entry.started++;
    return &entry;
}

void twin_end(void)
{
    if (entry.started > 0) {
        entry.started--;
        spi_cleanup(&entry);
    }
    FreeLibrary(library);
    DeleteFileW(copy);
}
