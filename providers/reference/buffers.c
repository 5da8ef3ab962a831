/*
 * Walking through the client's buffers. The array is the client's, and is never changed; a window
 * on it is copied for each native operation.
 */
#include "buffers.h"

#include <stddef.h>

int buffers_check(const WSABUF *array, DWORD count)
{
    if (array == NULL || count == 0) {
        return WSAEFAULT;
    }
    for (DWORD i = 0; i < count; i++) {
        if (array[i].buf == NULL && array[i].len != 0) {
            return WSAEFAULT;
        }
    }
    return 0;
}

DWORD buffers_window(const struct buffers *place, WSABUF window[BUFFERS_WINDOW])
{
    DWORD filled = 0;
    ULONG offset = place->offset;
    for (DWORD i = place->index; i < place->count && filled < BUFFERS_WINDOW; i++, offset = 0) {
        if (place->array[i].len > offset) {
            window[filled].buf = place->array[i].buf + offset;
            window[filled].len = place->array[i].len - offset;
            filled++;
        }
    }
    return filled;
}

void buffers_advance(struct buffers *place, DWORD bytes)
{
    while (place->index < place->count) {
        ULONG left = place->array[place->index].len - place->offset;
        if (bytes < left) {
            place->offset += bytes;
            return;
        }
        bytes -= left;
        place->index++;
        place->offset = 0;
    }
}
