/*
 * The reference provider, but its description fills all 256 characters without an end, and has
 * control characters, quotation marks, half of a surrogate pair and half of another in it.
 *
 * Comes to the verdict of the reference provider; exit code 0. Each line of the evidence is valid
 * JSON in UTF-8.
 */
/* verdict: pass; case: startup/starts direct */
#include "reference/reference.h"

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = reference_startup(version, data, info, upcalls, table);

    for (int i = 0; i < (int)ARRAYSIZE(data->szDescription); i++) {
        static const WCHAR odd[] = {1,    L'\n', 0x1B,   L'"',   L'\\',  0xD800, L'x',
                                    0x7F, 0x85,  0xDC00, 0xFFFE, 0x2028, 0xFEFF, 0x4E2D};
        data->szDescription[i] = odd[i % (int)ARRAYSIZE(odd)];
    }
    return error;
}
