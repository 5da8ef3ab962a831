#include "harness/numbered.h"

#include "tests.h"

enum { POSITION = 70000, LENGTH = 400 };

static unsigned char bytes[LENGTH];

static const char *told(size_t position)
{
    static char text[128];

    return numbered_text(text, sizeof text, bytes, sizeof bytes, position);
}

START_TEST(bytes_match_where_they_belong_and_nowhere_else)
{
    numbered_fill(bytes, sizeof bytes, 0, POSITION);
    ck_assert_uint_eq(numbered_match(bytes, sizeof bytes, 0, POSITION), sizeof bytes);
    ck_assert_uint_lt(numbered_match(bytes, sizeof bytes, 0, POSITION + 1), 8);
    ck_assert_uint_lt(numbered_match(bytes, sizeof bytes, 0, POSITION - 65536), 8);
    bytes[100] ^= 1;
    ck_assert_uint_eq(numbered_match(bytes, sizeof bytes, 0, POSITION), 100);
}
END_TEST

START_TEST(every_byte_tells_its_lane)
{
    for (unsigned lane = 0; lane < NUMBERED_LANES; lane++) {
        numbered_fill(bytes, sizeof bytes, lane, POSITION);
        for (size_t i = 0; i < sizeof bytes; i++) {
            ck_assert_uint_eq(numbered_lane(bytes[i]), lane);
            ck_assert_uint_eq(bytes[i], numbered_byte(lane, POSITION + i));
        }
        ck_assert_uint_eq(
            numbered_match(bytes, sizeof bytes, (lane + 1) % NUMBERED_LANES, POSITION), 0);
    }
}
END_TEST

START_TEST(what_is_wrong_is_told)
{
    numbered_fill(bytes, sizeof bytes, 0, POSITION);
    ck_assert_str_eq(told(POSITION - 40), "a gap of 40 bytes at position 69960");
    ck_assert_str_eq(told(POSITION + 3), "3 bytes once more at position 70003");
    numbered_fill(bytes, sizeof bytes, 2, POSITION);
    ck_assert_str_eq(told(POSITION), "bytes of a cancelled call at position 70000");
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = 0;
    }
    ck_assert_str_eq(told(POSITION), "bytes that nobody sent at position 70000");
}
END_TEST

Suite *numbered_suite(void)
{
    const TTest *const tests[] = {bytes_match_where_they_belong_and_nowhere_else,
                                  every_byte_tells_its_lane, what_is_wrong_is_told, NULL};

    return suite_of("numbered bytes", tests);
}
