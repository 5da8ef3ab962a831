/*
 * A place in an array of WSABUFs, for operations that take several steps through it.
 */
#ifndef BUFFERS_H
#define BUFFERS_H

#include <winsock2.h>

struct buffers {
    const WSABUF *array;
    DWORD count;
    DWORD index; /* of the buffer where the next byte goes */
    ULONG offset;
};

#define BUFFERS_WINDOW 16

/* 0, or WSAEFAULT for an array or a buffer that is not there. */
int buffers_check(const WSABUF *array, DWORD count);

/* The next buffers with something left in them; 0 of them when all is done. */
DWORD buffers_window(const struct buffers *place, WSABUF window[BUFFERS_WINDOW]);
void buffers_advance(struct buffers *place, DWORD bytes);

#endif
