/*
 * Client's buffers, cut to half their room: for calls that may take less than they are given.
 */
#ifndef WSPCTS_VARIANT_HALVES_H
#define WSPCTS_VARIANT_HALVES_H

#include "variants/support/variant.h"

/* A copy of the array, which free() ends, whose buffers hold half as many bytes, rounded up. NULL
 * where there is nothing to halve: less than two bytes, buffers that are not there, no memory. */
WSABUF *first_half(const WSABUF *array, DWORD count);

#endif
