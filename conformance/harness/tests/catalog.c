/*
 * The way from an entry of a catalog that names a DLL, as Wine's has none, to the start-up of that
 * DLL with the entry's own protocol info. Runs after the tests of the reference provider, which it
 * leaves as they do: started by nobody.
 */
#include "harness/catalog.h"

#include "harness/protocol.h"
#include "harness/provider.h"
#include "harness/spi.h"

#include "tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRITTEN_SIZE = 8192, FAKES = 2 };

static WSAPROTOCOL_INFOW fakes[FAKES];
static int enumerate_error;
static char written[WRITTEN_SIZE];

/*
 * Every number of the first entry is another one, so that none can stand for the other and none can
 * be forgotten: they are filled in without the table of their names.
 */
static void make_fakes(void)
{
    memset(fakes, 0, sizeof fakes);
    for (DWORD i = 0; i < offsetof(WSAPROTOCOL_INFOW, szProtocol) / sizeof i; i++) {
        DWORD value = 0x80000000U + 101 + i;
        memcpy((char *)&fakes[0] + i * sizeof value, &value, sizeof value);
    }
    memset(&fakes[0].ProtocolChain, 0, sizeof fakes[0].ProtocolChain);
    fakes[0].iAddressFamily = AF_INET;
    fakes[0].iSocketType = SOCK_STREAM;
    fakes[0].iVersion = 2;
    fakes[0].ProtocolChain.ChainLen = BASE_PROTOCOL;
    fakes[0].ProviderId =
        (GUID){0x12345678, 0x9abc, 0xdef0, {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}};
    wcscpy(fakes[0].szProtocol, L"Vendor \"TCP\" \u00e9");
    fakes[1].ProtocolChain = (WSAPROTOCOLCHAIN){.ChainLen = 2, .ChainEntries = {1101, 4294967295U}};
    wcscpy(fakes[1].szProtocol, L"a chain");
}

static int WSPAPI enumerate(LPINT protocols, LPWSAPROTOCOL_INFOW infos, LPDWORD size, LPINT error)
{
    ck_assert(protocols == NULL);
    if (infos == NULL || *size < sizeof fakes || enumerate_error != 0) {
        *size = sizeof fakes;
        *error = enumerate_error != 0 ? enumerate_error : WSAENOBUFS;
        return SOCKET_ERROR;
    }
    memcpy(infos, fakes, sizeof fakes);
    return FAKES;
}

/* The first provider's DLL lies where a variable says, as %SystemRoot% does; the other has none. */
static int WSPAPI path_of(LPGUID provider, LPWSTR path, LPINT length, LPINT error)
{
    static const wchar_t named[] = L"%WSPCTS_TESTS_LIE_IN%\\providers\\reference.dll";

    if (memcmp(provider, &fakes[0].ProviderId, sizeof *provider) != 0) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    ck_assert_int_ge(*length, (int)ARRAYSIZE(named));
    wcscpy(path, named);
    return 0;
}

static void keep(const char *text, size_t length)
{
    size_t kept = strlen(written);

    snprintf(written + kept, sizeof written - kept, "{%.*s}\n", (int)length, text);
}

static int list(void)
{
    const struct catalog_source source = {enumerate, path_of};

    make_fakes();
    written[0] = '\0';
    return catalog_list_from(&source, keep);
}

static const wchar_t *folder_of_the_tests(void)
{
    static wchar_t path[MAX_PATH];

    GetModuleFileNameW(NULL, path, MAX_PATH);
    *wcsrchr(path, L'\\') = L'\0';
    SetEnvironmentVariableW(L"WSPCTS_TESTS_LIE_IN", path);
    return path;
}

/* The text of a field of the first line, as JSON has it, cut off after `size`. */
static void first_field(const char *name, char *value, size_t size)
{
    char key[64];
    const char *at;

    snprintf(key, sizeof key, "\"%s\":", name);
    at = strstr(written, key);
    ck_assert_msg(at != NULL, "no %s in %s", key, written);
    snprintf(value, size, "%s", at + strlen(key));
}

START_TEST(an_entry_names_its_library_with_variables_expanded)
{
    const wchar_t *folder = folder_of_the_tests();
    wchar_t expanded[MAX_PATH];
    char value[3 * MAX_PATH];
    wchar_t *end;

    ck_assert_int_eq(list(), 0);
    first_field("library", value, sizeof value);
    MultiByteToWideChar(CP_UTF8, 0, value + 1, -1, expanded, ARRAYSIZE(expanded));
    end = wcschr(expanded, L'"');
    ck_assert(end != NULL);
    *end = L'\0';
    /* JSON doubles each backslash. */
    for (wchar_t *from = expanded, *to = expanded;; from++, to++) {
        from += *from == L'\\';
        *to = *from;
        if (*from == L'\0') {
            break;
        }
    }
    ck_assert_int_eq(wcsncmp(expanded, folder, wcslen(folder)), 0);
    ck_assert(GetProcAddress(LoadLibraryW(expanded), "WSPStartup") != NULL);
}
END_TEST

START_TEST(an_entry_without_a_library_says_so)
{
    const char *second;

    ck_assert_int_eq(list(), 0);
    second = strchr(written, '\n') + 1;
    ck_assert(strstr(second, "\"library\":null") != NULL);
    ck_assert(strstr(second, "\"chain\":\"1101,4294967295\"") != NULL);
    ck_assert(strstr(second, "\"chain_length\":2") != NULL);
}
END_TEST

/* Takes the first line's numbers, its id and its name as the orchestration would. */
static void take_first_entry(void)
{
    char assignment[512];
    char complaint[600];
    char value[64];

    settings.overrides = 0;
    for (int i = 0; i < PROTOCOL_NUMBERS; i++) {
        first_field(protocol_numbers[i].name, value, sizeof value);
        value[strspn(value, "0123456789")] = '\0';
        snprintf(assignment, sizeof assignment, "protocol.tcp4.%s=%s", protocol_numbers[i].name,
                 value);
        ck_assert_msg(settings_set(assignment, complaint, sizeof complaint), "%s", complaint);
    }
    first_field("provider_id", value, sizeof value);
    snprintf(assignment, sizeof assignment, "protocol.tcp4.provider_id=%.36s", value + 1);
    ck_assert_msg(settings_set(assignment, complaint, sizeof complaint), "%s", complaint);
    ck_assert(
        settings_set("protocol.tcp4.name=Vendor \"TCP\" \xC3\xA9", complaint, sizeof complaint));
}

START_TEST(an_entrys_own_protocol_info_is_handed_to_its_provider)
{
    struct entry *entry = provider_entry(ENTRY_TCP4);
    WSAPROTOCOL_INFOW info;

    folder_of_the_tests();
    ck_assert_int_eq(list(), 0);
    take_first_entry();
    info = provider_protocol_info(ENTRY_TCP4);
    ck_assert_mem_eq(&info, &fakes[0], sizeof info);
    ck_assert_uint_eq(entry->started, 0);
    ck_assert(!provider_startup(entry, MAKEWORD(2, 2)).failed);
    ck_assert_mem_eq(&entry->info, &fakes[0], sizeof info);
    ck_assert(!spi_cleanup(entry).failed);
    settings.overrides = 0;
}
END_TEST

START_TEST(a_catalog_that_cannot_be_read_is_an_error)
{
    enumerate_error = WSAENETDOWN;
    ck_assert_int_ne(list(), 0);
    ck_assert_str_eq(written, "");
    enumerate_error = 0;
}
END_TEST

Suite *catalog_suite(void)
{
    const TTest *const tests[] = {
        an_entry_names_its_library_with_variables_expanded,
        an_entry_without_a_library_says_so,
        an_entrys_own_protocol_info_is_handed_to_its_provider,
        a_catalog_that_cannot_be_read_is_an_error,
        NULL,
    };

    return suite_of("catalog", tests);
}
