#include "harness/catalog.h"

#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/winsock.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * The path of a provider's DLL with its variables expanded; empty where the system tells none
 * (Wine answers 0 and writes nothing).
 */
static void provider_path(GUID *provider, wchar_t *path, size_t size)
{
    wchar_t raw[MAX_PATH] = L"";
    int length = (int)ARRAYSIZE(raw);
    int error = 0;

    path[0] = L'\0';
    if (WSCGetProviderPath(provider, raw, &length, &error) == 0 && raw[0] != L'\0') {
        ExpandEnvironmentStringsW(raw, path, (DWORD)size);
    }
}

static void write_entry(WSAPROTOCOL_INFOW *info)
{
    struct evidence_line line;
    wchar_t path[MAX_PATH];
    const GUID *id = &info->ProviderId;

    provider_path(&info->ProviderId, path, ARRAYSIZE(path));
    evidence_begin(&line, "entry");
    line.first = true;
    evidence_number(&line, "catalog_entry_id", info->dwCatalogEntryId);
    evidence_format(&line, "name", "%ls", info->szProtocol);
    evidence_format(&line, "provider_id", "%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                    id->Data1, id->Data2, id->Data3, id->Data4[0], id->Data4[1], id->Data4[2],
                    id->Data4[3], id->Data4[4], id->Data4[5], id->Data4[6], id->Data4[7]);
    evidence_number(&line, "address_family", info->iAddressFamily);
    evidence_number(&line, "socket_type", info->iSocketType);
    evidence_number(&line, "protocol", info->iProtocol);
    evidence_number(&line, "service_flags1", info->dwServiceFlags1);
    evidence_number(&line, "provider_flags", info->dwProviderFlags);
    evidence_number(&line, "chain_length", info->ProtocolChain.ChainLen);
    if (path[0] != L'\0') {
        evidence_format(&line, "library", "%ls", path);
    } else {
        evidence_null(&line, "library");
    }
    printf("{%.*s}\n", (int)line.length, line.text);
}

int catalog_list(void)
{
    WSADATA data;
    DWORD size = 0;
    int error = 0;
    WSAPROTOCOL_INFOW *infos;
    int count;

    WSAStartup(MAKEWORD(2, 2), &data);
    WSCEnumProtocols(NULL, NULL, &size, &error);
    infos = malloc(size > 0 ? size : 1);
    count = WSCEnumProtocols(NULL, infos, &size, &error);
    if (count == SOCKET_ERROR) {
        fprintf(stderr, "wspcts: WSCEnumProtocols fails with error %d\n", error);
        free(infos);
        return EXIT_BROKEN;
    }
    for (int i = 0; i < count; i++) {
        write_entry(&infos[i]);
    }
    free(infos);
    return 0;
}
