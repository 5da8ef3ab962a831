/* The installed providers, as WSCEnumProtocols tells them. */
#ifndef WSPCTS_HARNESS_CATALOG_H
#define WSPCTS_HARNESS_CATALOG_H

#include "harness/winsock.h"

/* Where the entries come from: the functions of the system, or those of a test. */
struct catalog_source {
    int(WSPAPI *enumerate)(LPINT protocols, LPWSAPROTOCOL_INFOW infos, LPDWORD size, LPINT error);
    int(WSPAPI *path)(LPGUID provider, LPWSTR path, LPINT length, LPINT error);
};

/* Writes one JSON object a line to standard output; the exit code of the process. */
int catalog_list(void);

/* The same from a source, each line handed to `write` without its end. */
int catalog_list_from(const struct catalog_source *source,
                      void (*write)(const char *text, size_t length));

#endif
