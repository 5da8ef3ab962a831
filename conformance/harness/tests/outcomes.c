#include "harness/expect.h"

#include "tests.h"

static struct outcome failure(enum outcome_kind kind, int error)
{
    return (struct outcome){
        .kind = kind, .failed = true, .value = -1, .error = error, .error_stored = true};
}

static struct outcome success(enum outcome_kind kind, INT_PTR value)
{
    return (struct outcome){.kind = kind, .value = value};
}

static const char *text_of(struct outcome outcome)
{
    static char text[128];

    return outcome_text(text, sizeof text, outcome);
}

START_TEST(a_failure_is_told_by_its_value_and_its_code)
{
    ck_assert_str_eq(text_of(failure(OUTCOME_INT, WSAEINTR)), "SOCKET_ERROR with WSAEINTR (10004)");
    ck_assert_str_eq(text_of(failure(OUTCOME_SOCKET, WSAEINTR)),
                     "INVALID_SOCKET with WSAEINTR (10004)");
    ck_assert_str_eq(text_of(failure(OUTCOME_BOOL, WSA_IO_INCOMPLETE)),
                     "FALSE with WSA_IO_INCOMPLETE (996)");
    ck_assert_str_eq(text_of(failure(OUTCOME_INT, 4711)), "SOCKET_ERROR with error 4711");
    ck_assert_str_eq(text_of(failure(OUTCOME_CODE, WSAVERNOTSUPPORTED)),
                     "WSAVERNOTSUPPORTED (10092)");
}
END_TEST

START_TEST(a_failure_without_a_code_is_told_so)
{
    struct outcome untouched = failure(OUTCOME_INT, 0);

    untouched.error_stored = false;
    ck_assert_str_eq(text_of(untouched), "SOCKET_ERROR with *lpErrno untouched");
}
END_TEST

START_TEST(a_success_is_told_by_its_value)
{
    ck_assert_str_eq(text_of(success(OUTCOME_INT, 0)), "0");
    ck_assert_str_eq(text_of(success(OUTCOME_INT, -2)), "-2");
    ck_assert_str_eq(text_of(success(OUTCOME_SOCKET, 88)), "a socket");
    ck_assert_str_eq(text_of(success(OUTCOME_BOOL, TRUE)), "TRUE");
    ck_assert_str_eq(text_of(success(OUTCOME_CODE, 0)), "0");
}
END_TEST

START_TEST(an_empty_slot_is_told_so)
{
    ck_assert_str_eq(text_of(failure(OUTCOME_NO_ENTRY, 0)),
                     "nothing: the proc table holds no function there");
}
END_TEST

START_TEST(an_error_counts_only_if_it_was_stored)
{
    struct outcome untouched = failure(OUTCOME_INT, WSAEINTR);
    struct outcome stale = success(OUTCOME_INT, 0);

    untouched.error_stored = false;
    stale.error = WSAEINTR;
    stale.error_stored = true;
    ck_assert(outcome_is_error(failure(OUTCOME_INT, WSAEINTR), WSAEINTR));
    ck_assert(!outcome_is_error(failure(OUTCOME_INT, WSAEINVAL), WSAEINTR));
    ck_assert(!outcome_is_error(untouched, WSAEINTR));
    ck_assert(!outcome_is_error(stale, WSAEINTR));
}
END_TEST

START_TEST(a_set_holds_each_of_its_members_and_nothing_else)
{
    const struct acceptable *set = ONE_OF(RETURNS(3), FAILS_WITH(WSAEINTR), FAILS_WITH(WSAEINVAL));

    ck_assert(outcome_is_one_of(success(OUTCOME_INT, 3), set));
    ck_assert(outcome_is_one_of(failure(OUTCOME_INT, WSAEINTR), set));
    ck_assert(outcome_is_one_of(failure(OUTCOME_INT, WSAEINVAL), set));
    ck_assert(!outcome_is_one_of(success(OUTCOME_INT, 0), set));
    ck_assert(!outcome_is_one_of(failure(OUTCOME_INT, WSAENETDOWN), set));
}
END_TEST

START_TEST(an_empty_set_holds_nothing)
{
    static const struct acceptable nothing[] = {{.kind = ACCEPT_END}};

    ck_assert(!outcome_is_one_of(success(OUTCOME_INT, 0), nothing));
    ck_assert(!outcome_is_one_of(failure(OUTCOME_INT, WSAEINTR), nothing));
}
END_TEST

START_TEST(any_success_and_any_failure_can_be_asked_for)
{
    struct outcome untouched = failure(OUTCOME_INT, 0);

    untouched.error_stored = false;
    ck_assert(outcome_is_one_of(success(OUTCOME_SOCKET, 88), ONE_OF(SUCCEEDS)));
    ck_assert(!outcome_is_one_of(failure(OUTCOME_SOCKET, WSAEINTR), ONE_OF(SUCCEEDS)));
    ck_assert(outcome_is_one_of(failure(OUTCOME_INT, 4711), ONE_OF(FAILS)));
    ck_assert(!outcome_is_one_of(success(OUTCOME_INT, 0), ONE_OF(FAILS)));
    /* A failure that names no code is none of the documented ones. */
    ck_assert(!outcome_is_one_of(failure(OUTCOME_INT, 0), ONE_OF(FAILS)));
    ck_assert(!outcome_is_one_of(untouched, ONE_OF(FAILS)));
}
END_TEST

START_TEST(an_empty_slot_is_never_acceptable)
{
    struct outcome none = failure(OUTCOME_NO_ENTRY, WSAEINTR);

    ck_assert(!outcome_is_one_of(none, ONE_OF(SUCCEEDS, FAILS, FAILS_WITH(WSAEINTR), RETURNS(-1))));
}
END_TEST

Suite *outcomes_suite(void)
{
    const TTest *const tests[] = {
        a_failure_is_told_by_its_value_and_its_code,
        a_failure_without_a_code_is_told_so,
        a_success_is_told_by_its_value,
        an_empty_slot_is_told_so,
        an_error_counts_only_if_it_was_stored,
        a_set_holds_each_of_its_members_and_nothing_else,
        an_empty_set_holds_nothing,
        any_success_and_any_failure_can_be_asked_for,
        an_empty_slot_is_never_acceptable,
        NULL,
    };

    return suite_of("outcomes", tests);
}
