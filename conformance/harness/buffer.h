/*
 * Memory handed to a provider: poisoned, guarded on both sides, kept until the case ends, and
 * checked after the call and again at the end.
 */
#ifndef WSPCTS_HARNESS_BUFFER_H
#define WSPCTS_HARNESS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    struct buffer *next;
    const char *name;
    unsigned char *bytes;
    size_t size;
    unsigned char *at_return; /* what it held when the call that used it returned; NULL before */
    bool may_change;          /* the harness itself goes on using it */
};

/* The pattern that fresh memory for the provider to fill holds. */
enum { BUFFER_POISON = 0x5A, BUFFER_POISON_ANEW = 0xA6 };

/* A buffer of `size` bytes, poisoned. `name` is used in messages and must outlive it. */
struct buffer *buffer_new(const char *name, size_t size);

/* A buffer holding a numbered pattern that begins at `offset`: every byte tells where it belongs.
 */
struct buffer *buffer_with_pattern(const char *name, size_t size, size_t offset);

/* Byte `index` of the numbered pattern. */
unsigned char pattern_byte(size_t index);

/* True while nothing was written beside the buffer. */
bool buffer_guards_hold(const struct buffer *buffer);

/* Remembers the content as it is when the call returns. */
void buffer_call_returned(struct buffer *buffer);

/* Fills the memory of a call that has returned with fresh poison, and remembers that instead. */
void buffer_poison_anew(struct buffer *buffer);

/* Index of the first byte that changed after the call returned, -1 if none did. */
ptrdiff_t buffer_changed_late(const struct buffer *buffer);

/* Every buffer of the case, newest first. */
struct buffer *buffers(void);

/* A read-only copy on a page of its own: writing to it is an access violation. */
const void *read_only_copy(const void *bytes, size_t size);

/* An int that is the last thing on its page, or the first; the page beside it cannot be touched. */
int *int_before_guard_page(void);
int *int_after_guard_page(void);

/* What the client must not touch there, if the address lies in such a page; else NULL. */
const char *page_name(const void *address);

/* True while nothing was written to the rest of its page. */
bool page_holds(const int *cell);

#endif
