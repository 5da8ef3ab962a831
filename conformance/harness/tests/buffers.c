#include "harness/buffer.h"

#include "tests.h"

#include <string.h>

enum { COUNT = 1000 };

START_TEST(a_new_buffer_is_poisoned_and_guarded)
{
    const struct buffer *buffer = buffer_new("new", COUNT);

    ck_assert_uint_eq(buffer->size, COUNT);
    ck_assert_str_eq(buffer->name, "new");
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_int_eq(buffer->bytes[i], BUFFER_POISON);
    }
    ck_assert(buffer_guards_hold(buffer));
}
END_TEST

START_TEST(a_buffer_of_nothing_is_guarded)
{
    struct buffer *buffer = buffer_new("nothing", 0);

    ck_assert(buffer_guards_hold(buffer));
    buffer_call_returned(buffer);
    ck_assert_int_eq(buffer_changed_late(buffer), -1);
    buffer->bytes[0] = 0;
    ck_assert(!buffer_guards_hold(buffer));
}
END_TEST

START_TEST(writing_beside_a_buffer_is_seen)
{
    static const ptrdiff_t places[] = {-1, -64, COUNT, COUNT + 63};

    for (size_t i = 0; i < ARRAYSIZE(places); i++) {
        struct buffer *buffer = buffer_new("beside", COUNT);
        unsigned char *place = buffer->bytes + places[i];
        unsigned char guard = *place;
        *place = (unsigned char)(guard ^ 1);
        ck_assert(!buffer_guards_hold(buffer));
        *place = guard;
        ck_assert(buffer_guards_hold(buffer));
    }
}
END_TEST

START_TEST(writing_into_a_buffer_is_no_harm)
{
    struct buffer *buffer = buffer_new("into", COUNT);

    memset(buffer->bytes, 0, COUNT);
    ck_assert(buffer_guards_hold(buffer));
    ck_assert_int_eq(buffer_changed_late(buffer), -1);
}
END_TEST

START_TEST(a_change_after_the_return_is_seen)
{
    struct buffer *buffer = buffer_new("late", COUNT);

    buffer->bytes[3] = 1;
    buffer_call_returned(buffer);
    ck_assert_int_eq(buffer_changed_late(buffer), -1);
    buffer->bytes[COUNT - 1] = 1;
    ck_assert_int_eq(buffer_changed_late(buffer), COUNT - 1);
    buffer->bytes[7] = 1;
    ck_assert_int_eq(buffer_changed_late(buffer), 7);
}
END_TEST

START_TEST(the_last_return_counts)
{
    struct buffer *buffer = buffer_new("twice", COUNT);

    buffer_call_returned(buffer);
    buffer->bytes[0] = 1;
    buffer_call_returned(buffer);
    ck_assert_int_eq(buffer_changed_late(buffer), -1);
}
END_TEST

START_TEST(what_the_harness_uses_itself_may_change)
{
    struct buffer *buffer = buffer_new("ours", COUNT);

    buffer_call_returned(buffer);
    buffer->bytes[0] = 1;
    buffer->may_change = true;
    ck_assert_int_eq(buffer_changed_late(buffer), -1);
}
END_TEST

START_TEST(every_byte_of_a_pattern_tells_where_it_belongs)
{
    const struct buffer *whole = buffer_with_pattern("whole", COUNT, 0);
    const struct buffer *rest = buffer_with_pattern("rest", COUNT - 300, 300);

    ck_assert_int_eq(memcmp(whole->bytes + 300, rest->bytes, COUNT - 300), 0);
    ck_assert_int_eq(whole->bytes[299], pattern_byte(299));
    ck_assert(buffer_guards_hold(whole) && buffer_guards_hold(rest));
}
END_TEST

START_TEST(a_pattern_does_not_repeat_itself_in_blocks)
{
    static const unsigned blocks[] = {1, 2, 16, 64, 128, 251, 256, 502, 512, 1024, 4096, 65536};

    for (size_t i = 0; i < ARRAYSIZE(blocks); i++) {
        bool same = true;
        for (size_t at = 0; at < 64; at++) {
            same = same && pattern_byte(at) == pattern_byte(at + blocks[i]);
        }
        ck_assert_msg(!same, "blocks of %u bytes are alike", blocks[i]);
    }
}
END_TEST

START_TEST(all_buffers_are_remembered_newest_first)
{
    const struct buffer *older = buffer_new("older", 1);
    const struct buffer *newer = buffer_new("newer", 1);

    ck_assert_ptr_eq(buffers(), newer);
    ck_assert_ptr_eq(buffers()->next, older);
}
END_TEST

static DWORD protection_of(const void *address)
{
    MEMORY_BASIC_INFORMATION page;

    ck_assert_uint_ne(VirtualQuery(address, &page, sizeof page), 0);
    return page.Protect;
}

START_TEST(a_read_only_copy_cannot_be_written_to)
{
    struct timeval value = {.tv_sec = 3, .tv_usec = 4};
    const struct timeval *copy = read_only_copy(&value, sizeof value);

    ck_assert_ptr_ne(copy, &value);
    ck_assert_int_eq(memcmp(copy, &value, sizeof value), 0);
    ck_assert_uint_eq(protection_of(copy), PAGE_READONLY);
}
END_TEST

START_TEST(behind_an_int_before_a_guard_page_nothing_can_be_touched)
{
    int *cell = int_before_guard_page();

    *cell = 7;
    ck_assert_uint_eq(protection_of(cell), PAGE_READWRITE);
    ck_assert_uint_eq(protection_of(cell + 1), PAGE_NOACCESS);
}
END_TEST

START_TEST(a_page_that_must_not_be_touched_is_known_by_its_name)
{
    int *last = int_before_guard_page();
    int *first = int_after_guard_page();
    int value = 1;
    const int *copy = read_only_copy(&value, sizeof value);

    ck_assert_str_eq(page_name(last + 1), "the memory right behind the client's INT");
    ck_assert_str_eq(page_name(first - 1), "the memory right before the client's INT");
    ck_assert_str_eq(page_name(copy), "memory that the provider may only read");
    ck_assert_ptr_null(page_name(last));
    ck_assert_ptr_null(page_name(first));
    ck_assert_ptr_null(page_name(copy + 1));
    ck_assert_ptr_null(page_name(&value));
}
END_TEST

START_TEST(beyond_the_pages_that_are_remembered_none_has_a_name)
{
    for (int i = 0; i < 100; i++) {
        int_before_guard_page();
    }
    ck_assert_ptr_null(page_name(int_before_guard_page() + 1));
}
END_TEST

Suite *buffers_suite(void)
{
    const TTest *const tests[] = {
        a_new_buffer_is_poisoned_and_guarded,
        a_buffer_of_nothing_is_guarded,
        writing_beside_a_buffer_is_seen,
        writing_into_a_buffer_is_no_harm,
        a_change_after_the_return_is_seen,
        the_last_return_counts,
        what_the_harness_uses_itself_may_change,
        every_byte_of_a_pattern_tells_where_it_belongs,
        a_pattern_does_not_repeat_itself_in_blocks,
        all_buffers_are_remembered_newest_first,
        a_read_only_copy_cannot_be_written_to,
        behind_an_int_before_a_guard_page_nothing_can_be_touched,
        a_page_that_must_not_be_touched_is_known_by_its_name,
        beyond_the_pages_that_are_remembered_none_has_a_name,
        NULL,
    };

    return suite_of("buffers", tests);
}
