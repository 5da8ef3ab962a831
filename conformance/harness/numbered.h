/*
 * Numbered bytes: every byte of a stream tells in which lane it was sent, and a few of them in a
 * row tell at which position. So bytes that are lost, repeated or out of order are told apart.
 */
#ifndef WSPCTS_HARNESS_NUMBERED_H
#define WSPCTS_HARNESS_NUMBERED_H

#include <stddef.h>

/* Lane 0 is for calls that complete; the others are for those that are cancelled. */
enum { NUMBERED_LANES = 4 };

unsigned char numbered_byte(unsigned lane, size_t position);
unsigned numbered_lane(unsigned char byte);

void numbered_fill(void *bytes, size_t count, unsigned lane, size_t position);

/* How many of the bytes are those of the lane from this position on. */
size_t numbered_match(const void *bytes, size_t count, unsigned lane, size_t position);

/* What the bytes are, where those of lane 0 from `position` on should stand; returns `text`. */
const char *numbered_text(char *text, size_t size, const void *bytes, size_t count,
                          size_t position);

#endif
