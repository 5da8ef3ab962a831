#include "harness/catalog.h"

#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/protocol.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATH_SIZE = 1024 };

/*
 * The path of a provider's DLL with its variables expanded; empty where the system tells none
 * (Wine answers 0 and writes nothing).
 */
static void provider_path(const struct catalog_source *source, GUID *provider, wchar_t *path)
{
    wchar_t raw[PATH_SIZE] = L"";
    int length = (int)ARRAYSIZE(raw);
    int error = 0;
    DWORD needed = 0;

    if (source->path(provider, raw, &length, &error) == 0 && raw[0] != L'\0') {
        needed = ExpandEnvironmentStringsW(raw, path, PATH_SIZE);
    }
    if (needed == 0 || needed > PATH_SIZE) {
        path[0] = L'\0';
    }
}

/* The ids of the entries that a chain is made of; of a base or layered protocol there are none. */
static void write_chain(struct evidence_line *line, const WSAPROTOCOLCHAIN *chain)
{
    char text[MAX_PROTOCOL_CHAIN * 11 + 1] = "";
    size_t length = 0;

    for (int i = 0; chain->ChainLen > 1 && i < chain->ChainLen && i < MAX_PROTOCOL_CHAIN; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%lu", i > 0 ? "," : "",
                                   chain->ChainEntries[i]);
    }
    evidence_text(line, "chain", text);
}

static void write_entry(const struct catalog_source *source, WSAPROTOCOL_INFOW *info,
                        void (*write)(const char *text, size_t length))
{
    struct evidence_line line;
    wchar_t path[PATH_SIZE];
    const GUID *id = &info->ProviderId;

    provider_path(source, &info->ProviderId, path);
    evidence_begin(&line, "entry");
    line.first = true;
    evidence_format(&line, "name", "%ls", info->szProtocol);
    evidence_format(&line, "provider_id", "%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                    id->Data1, id->Data2, id->Data3, id->Data4[0], id->Data4[1], id->Data4[2],
                    id->Data4[3], id->Data4[4], id->Data4[5], id->Data4[6], id->Data4[7]);
    for (size_t i = 0; i < ARRAYSIZE(protocol_numbers); i++) {
        const void *number = (const char *)info + protocol_numbers[i].offset;
        evidence_number(&line, protocol_numbers[i].name, *(const DWORD *)number);
    }
    write_chain(&line, &info->ProtocolChain);
    if (path[0] != L'\0') {
        evidence_format(&line, "library", "%ls", path);
    } else {
        evidence_null(&line, "library");
    }
    write(line.text, line.length);
}

int catalog_list_from(const struct catalog_source *source,
                      void (*write)(const char *text, size_t length))
{
    DWORD size = 0;
    int error = 0;
    WSAPROTOCOL_INFOW *infos;
    int count;

    source->enumerate(NULL, NULL, &size, &error);
    infos = malloc(size > 0 ? size : 1);
    count = source->enumerate(NULL, infos, &size, &error);
    if (count == SOCKET_ERROR) {
        fprintf(stderr, "wspcts: WSCEnumProtocols fails with error %d\n", error);
        free(infos);
        return EXIT_BROKEN;
    }
    for (int i = 0; i < count; i++) {
        write_entry(source, &infos[i], write);
    }
    free(infos);
    return 0;
}

static void print(const char *text, size_t length)
{
    printf("{%.*s}\n", (int)length, text);
}

int catalog_list(void)
{
    const struct catalog_source source = {WSCEnumProtocols, WSCGetProviderPath};
    WSADATA data;

    WSAStartup(MAKEWORD(2, 2), &data);
    return catalog_list_from(&source, print);
}
