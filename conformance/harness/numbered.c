#include "harness/numbered.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A prime, so that a lost block of memory, whose size is a power of two, cannot be mistaken for
 * nothing lost; and some bytes in a row stand at one place of the period only.
 */
enum { PERIOD = 65521, LANE_SHIFT = 6, TELLING = 8 };

static const unsigned char *period(void)
{
    static unsigned char bytes[PERIOD];
    static bool made;
    uint32_t state = 2463534242U;

    for (size_t i = 0; !made && i < PERIOD; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes[i] = (unsigned char)(state >> 11 & ((1U << LANE_SHIFT) - 1));
    }
    made = true;
    return bytes;
}

unsigned char numbered_byte(unsigned lane, size_t position)
{
    return (unsigned char)(period()[position % PERIOD] | lane << LANE_SHIFT);
}

unsigned numbered_lane(unsigned char byte)
{
    return byte >> LANE_SHIFT;
}

void numbered_fill(void *bytes, size_t count, unsigned lane, size_t position)
{
    unsigned char *to = bytes;
    const unsigned char *from = period();
    size_t at = position % PERIOD;

    for (size_t i = 0; i < count; i++) {
        to[i] = (unsigned char)(from[at] | lane << LANE_SHIFT);
        at = at + 1 < PERIOD ? at + 1 : 0;
    }
}

size_t numbered_match(const void *bytes, size_t count, unsigned lane, size_t position)
{
    const unsigned char *seen = bytes;
    const unsigned char *wanted = period();
    size_t at = position % PERIOD;
    size_t same = 0;

    while (same < count && seen[same] == (wanted[at] | lane << LANE_SHIFT)) {
        at = at + 1 < PERIOD ? at + 1 : 0;
        same++;
    }
    return same;
}

/* The distance to where the bytes do belong, the nearest place first; false if nowhere. */
static bool find_place(const void *bytes, size_t count, size_t position, size_t *ahead,
                       size_t *behind)
{
    size_t enough = count < TELLING ? count : TELLING;

    for (size_t distance = 1; distance < PERIOD; distance++) {
        *ahead = *behind = 0;
        if (numbered_match(bytes, enough, 0, position + distance) == enough) {
            *ahead = distance;
            return true;
        }
        if (distance <= position &&
            numbered_match(bytes, enough, 0, position - distance) == enough) {
            *behind = distance;
            return true;
        }
    }
    return false;
}

const char *numbered_text(char *text, size_t size, const void *bytes, size_t count, size_t position)
{
    const unsigned char *seen = bytes;
    size_t ahead;
    size_t behind;

    if (count == 0) {
        snprintf(text, size, "nothing at position %zu", position);
    } else if (numbered_lane(*seen) != 0) {
        snprintf(text, size, "bytes of a cancelled call at position %zu", position);
    } else if (!find_place(bytes, count, position, &ahead, &behind)) {
        snprintf(text, size, "bytes that nobody sent at position %zu", position);
    } else if (ahead > 0) {
        snprintf(text, size, "a gap of %zu bytes at position %zu", ahead, position);
    } else {
        snprintf(text, size, "%zu bytes once more at position %zu", behind, position);
    }
    return text;
}
