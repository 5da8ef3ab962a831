#include "harness/buffer.h"

#include "harness/winsock.h"

#include <stdlib.h>
#include <string.h>

enum { GUARD_SIZE = 64, GUARD_BYTE = 0xC7, PATTERN_PERIOD = 251, PAGES_MAX = 64 };

static struct buffer *all;

/* Pages on which a provider that oversteps is caught; beyond PAGES_MAX they are not told by name.
 */
static struct {
    const unsigned char *start;
    size_t size;
    const char *name;
} protected_pages[PAGES_MAX];
static size_t protected_count;

static void protect(unsigned char *start, size_t size, DWORD protection, const char *name)
{
    DWORD old;

    VirtualProtect(start, size, protection, &old);
    if (protected_count < PAGES_MAX) {
        protected_pages[protected_count].start = start;
        protected_pages[protected_count].size = size;
        protected_pages[protected_count++].name = name;
    }
}

const char *page_name(const void *address)
{
    for (size_t i = 0; i < protected_count; i++) {
        uintptr_t offset = (uintptr_t)address - (uintptr_t)protected_pages[i].start;
        if (offset < protected_pages[i].size) {
            return protected_pages[i].name;
        }
    }
    return NULL;
}

unsigned char pattern_byte(size_t index)
{
    /* A prime period, and the round mixed in: neither a block nor a page can be mistaken for
     * another. */
    return (unsigned char)(index % PATTERN_PERIOD + index / PATTERN_PERIOD);
}

struct buffer *buffer_new(const char *name, size_t size)
{
    struct buffer *buffer = calloc(1, sizeof *buffer);
    unsigned char *memory = malloc(size + 2 * GUARD_SIZE);

    memset(memory, GUARD_BYTE, GUARD_SIZE);
    memset(memory + GUARD_SIZE, BUFFER_POISON, size);
    memset(memory + GUARD_SIZE + size, GUARD_BYTE, GUARD_SIZE);
    buffer->name = name;
    buffer->bytes = memory + GUARD_SIZE;
    buffer->size = size;
    buffer->next = all;
    all = buffer;
    return buffer;
}

struct buffer *buffer_with_pattern(const char *name, size_t size, size_t offset)
{
    struct buffer *buffer = buffer_new(name, size);

    for (size_t i = 0; i < size; i++) {
        buffer->bytes[i] = pattern_byte(offset + i);
    }
    return buffer;
}

bool buffer_guards_hold(const struct buffer *buffer)
{
    const unsigned char *before = buffer->bytes - GUARD_SIZE;
    const unsigned char *after = buffer->bytes + buffer->size;

    for (size_t i = 0; i < GUARD_SIZE; i++) {
        if (before[i] != GUARD_BYTE || after[i] != GUARD_BYTE) {
            return false;
        }
    }
    return true;
}

void buffer_call_returned(struct buffer *buffer)
{
    if (buffer->at_return == NULL) {
        buffer->at_return = malloc(buffer->size > 0 ? buffer->size : 1);
    }
    memcpy(buffer->at_return, buffer->bytes, buffer->size);
}

void buffer_poison_anew(struct buffer *buffer)
{
    memset(buffer->bytes, BUFFER_POISON_ANEW, buffer->size);
    buffer_call_returned(buffer);
}

ptrdiff_t buffer_changed_late(const struct buffer *buffer)
{
    if (buffer->at_return == NULL || buffer->may_change) {
        return -1;
    }
    for (size_t i = 0; i < buffer->size; i++) {
        if (buffer->bytes[i] != buffer->at_return[i]) {
            return (ptrdiff_t)i;
        }
    }
    return -1;
}

struct buffer *buffers(void)
{
    return all;
}

const void *read_only_copy(const void *bytes, size_t size)
{
    void *page = VirtualAlloc(NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);

    memcpy(page, bytes, size);
    protect(page, size, PAGE_READONLY, "memory that the provider may only read");
    return page;
}

static size_t page_size(void)
{
    SYSTEM_INFO system;

    GetSystemInfo(&system);
    return system.dwPageSize;
}

/* Two pages, of which number `open` can be used. */
static unsigned char *open_page(size_t open)
{
    size_t size = page_size();
    unsigned char *pages = VirtualAlloc(NULL, 2 * size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);

    memset(pages, GUARD_BYTE, 2 * size);
    protect(pages + (1 - open) * size, size, PAGE_NOACCESS,
            open == 0 ? "the memory right behind the client's INT"
                      : "the memory right before the client's INT");
    return pages + open * size;
}

int *int_before_guard_page(void)
{
    return (int *)(void *)(open_page(0) + page_size() - sizeof(int));
}

int *int_after_guard_page(void)
{
    return (int *)(void *)open_page(1);
}

bool page_holds(const int *cell)
{
    size_t size = page_size();
    size_t at = (uintptr_t)cell % size;
    const unsigned char *page = (const unsigned char *)cell - at;

    for (size_t i = 0; i < size; i++) {
        if ((i < at || i >= at + sizeof *cell) && page[i] != GUARD_BYTE) {
            return false;
        }
    }
    return true;
}
