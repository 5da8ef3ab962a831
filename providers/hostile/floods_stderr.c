/*
 * The reference provider, but it writes 8 MiB to standard error when it is started.
 *
 * Comes to the verdict of the reference provider; exit code 0.
 */
/* verdict: pass; case: startup/starts direct */
#include "reference/reference.h"

#include <string.h>

enum { CHUNK = 64 << 10, CHUNKS = 128 };

static void flood(void)
{
    static char chunk[CHUNK];
    DWORD written;

    memset(chunk, 'x', sizeof chunk);
    for (size_t i = 79; i < sizeof chunk; i += 80) {
        chunk[i] = '\n';
    }
    for (int i = 0; i < CHUNKS; i++) {
        WriteFile(GetStdHandle(STD_ERROR_HANDLE), chunk, sizeof chunk, &written, NULL);
    }
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = reference_startup(version, data, info, upcalls, table);

    flood();
    return error;
}
