#include "variants/support/halves.h"

#include <stdlib.h>

#include "reference/buffers.h"

WSABUF *first_half(const WSABUF *array, DWORD count)
{
    ULONGLONG left = 0;
    WSABUF *half;

    if (buffers_check(array, count) != 0) {
        return NULL;
    }
    for (DWORD i = 0; i < count; i++) {
        left += array[i].len;
    }
    half = left > 1 ? calloc(count, sizeof *half) : NULL;
    left = (left + 1) / 2;
    for (DWORD i = 0; half != NULL && i < count; i++) {
        half[i].buf = array[i].buf;
        half[i].len = left < array[i].len ? (ULONG)left : array[i].len;
        left -= half[i].len;
    }
    return half;
}
