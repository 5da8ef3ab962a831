/* The numbers of a protocol info, by the names that they have on the command line and in lists. */
#ifndef WSPCTS_HARNESS_PROTOCOL_H
#define WSPCTS_HARNESS_PROTOCOL_H

#include "harness/winsock.h"

enum { PROTOCOL_NUMBERS = 18 };

/* Each of them has 32 bits. */
struct protocol_number {
    const char *name;
    size_t offset;
};

extern const struct protocol_number protocol_numbers[PROTOCOL_NUMBERS];

/* NULL if there is none of that name. */
const struct protocol_number *protocol_number_by_name(const char *name);

#endif
