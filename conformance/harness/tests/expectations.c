#include "harness/buffer.h"
#include "harness/expect.h"

#include "tests.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

static const struct demand must = {"X-01",        LEVEL_MUST, VERDICT_FAIL,
                                   "expectation", "provider", NULL};

static void meet(struct demand demand)
{
    expect_that(demand, true, "something", "so", "so");
}

static void miss(struct demand demand, const char *what)
{
    expect_that(demand, false, what, "so", "not so");
}

/* What the demands that were missed, in this order, come to. */
static struct judgement judged(const struct demand *missed, size_t count, unsigned proofs)
{
    expectations_reset();
    meet(must);
    for (size_t i = 0; i < count; i++) {
        miss(missed[i], "something");
    }
    return judge(proofs);
}

START_TEST(what_is_met_and_proved_passes)
{
    struct judgement judgement;

    expectations_reset();
    meet(must);
    prove(PROOF_STARTED, "it was");
    prove(PROOF_BLOCKED, "it was seen %d times", 2);
    judgement = judge(PROOF_STARTED | PROOF_BLOCKED);
    ck_assert_int_eq(judgement.verdict, VERDICT_PASS);
    ck_assert_ptr_null(judgement.requirement);
    ck_assert_str_eq(judgement.reason, "");
    ck_assert_uint_eq(expectations_recorded(), 1);
}
END_TEST

START_TEST(a_case_that_compares_nothing_is_an_error)
{
    struct judgement judgement;

    expectations_reset();
    prove(PROOF_STARTED, "it was");
    judgement = judge(PROOF_STARTED);
    ck_assert_int_eq(judgement.verdict, VERDICT_ERROR);
    ck_assert_str_eq(judgement.blame, "suite");
    ck_assert_str_eq(judgement.reason, "the case compared nothing");
}
END_TEST

START_TEST(a_missing_proof_is_inconclusive)
{
    struct judgement judgement;

    expectations_reset();
    meet(must);
    prove(PROOF_STARTED, "it was");
    judgement = judge(PROOF_STARTED | PROOF_BLOCKED | PROOF_CANCELLED);
    ck_assert_int_eq(judgement.verdict, VERDICT_INCONCLUSIVE);
    ck_assert_str_eq(judgement.blame, "environment");
    ck_assert_str_eq(judgement.reason, "not proved: blocked");
    ck_assert_ptr_null(judgement.requirement);
}
END_TEST

START_TEST(every_proof_has_a_name_and_can_be_missed)
{
    static const char *const names[PROOF_COUNT] = {"started", "blocked", "callback", "cancelled",
                                                   "completed"};

    for (unsigned bit = 0; bit < PROOF_COUNT; bit++) {
        struct judgement judgement = judged(NULL, 0, 1U << bit);
        ck_assert_str_eq(proof_name((enum proof)(1U << bit)), names[bit]);
        ck_assert_int_eq(judgement.verdict, VERDICT_INCONCLUSIVE);
        ck_assert_ptr_nonnull(strstr(judgement.reason, names[bit]));
    }
}
END_TEST

START_TEST(each_demand_has_its_verdict)
{
    const struct {
        struct demand demand;
        enum verdict verdict;
        const char *blame;
    } demands[] = {
        {MUST("X-01"), VERDICT_FAIL, "provider"},
        {SHOULD("X-01"), VERDICT_WARN, "provider"},
        {NEEDED("environment"), VERDICT_INCONCLUSIVE, "environment"},
        {NEEDED("provider"), VERDICT_INCONCLUSIVE, "provider"},
        {OFFERED, VERDICT_NOT_APPLICABLE, "provider"},
        {BROKEN("suite"), VERDICT_ERROR, "suite"},
    };

    for (size_t i = 0; i < ARRAYSIZE(demands); i++) {
        struct judgement judgement = judged(&demands[i].demand, 1, 0);
        ck_assert_int_eq(judgement.verdict, demands[i].verdict);
        ck_assert_str_eq(judgement.blame, demands[i].blame);
        ck_assert_str_eq(judgement.cause, "expectation");
        ck_assert_str_eq(judgement.reason, "something: expected so, got not so");
    }
}
END_TEST

START_TEST(the_worst_wins_in_any_order)
{
    /* From the best to the worst. */
    const struct demand lattice[] = {OFFERED, SHOULD("X-02"), NEEDED("provider"), MUST("X-01"),
                                     BROKEN("suite")};

    for (size_t a = 0; a < ARRAYSIZE(lattice); a++) {
        for (size_t b = 0; b < ARRAYSIZE(lattice); b++) {
            const struct demand both[] = {lattice[a], lattice[b]};
            const struct demand *worst = &lattice[a > b ? a : b];
            struct judgement judgement = judged(both, 2, 0);
            ck_assert_int_eq(judgement.verdict, worst->otherwise);
            ck_assert_ptr_eq(judgement.requirement, worst->requirement);
        }
    }
}
END_TEST

START_TEST(of_equals_the_first_is_told)
{
    struct judgement judgement;

    expectations_reset();
    miss(SHOULD("X-03"), "a trifle");
    miss(MUST("X-01"), "the first");
    miss(MUST("X-02"), "the second");
    judgement = judge(0);
    ck_assert_str_eq(judgement.requirement, "X-01");
    ck_assert_str_eq(judgement.reason, "the first: expected so, got not so");
}
END_TEST

START_TEST(a_missing_proof_outweighs_a_warning_and_no_more)
{
    const struct demand warning = SHOULD("X-01");
    const struct demand failure = MUST("X-01");
    const struct demand absence = OFFERED;

    ck_assert_int_eq(judged(&warning, 1, PROOF_BLOCKED).verdict, VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(judged(&failure, 1, PROOF_BLOCKED).verdict, VERDICT_FAIL);
    ck_assert_int_eq(judged(&absence, 1, PROOF_BLOCKED).verdict, VERDICT_NOT_APPLICABLE);
}
END_TEST

START_TEST(verdicts_and_levels_have_the_names_of_the_documentation)
{
    ck_assert_str_eq(verdict_name(VERDICT_NONE), "none");
    ck_assert_str_eq(verdict_name(VERDICT_NOT_APPLICABLE), "not-applicable");
    ck_assert_str_eq(verdict_name(VERDICT_PASS), "pass");
    ck_assert_str_eq(verdict_name(VERDICT_WARN), "warn");
    ck_assert_str_eq(verdict_name(VERDICT_INCONCLUSIVE), "inconclusive");
    ck_assert_str_eq(verdict_name(VERDICT_FAIL), "fail");
    ck_assert_str_eq(verdict_name(VERDICT_ERROR), "error");
    ck_assert_str_eq(level_name(LEVEL_MUST), "MUST");
    ck_assert_str_eq(level_name(LEVEL_SHOULD), "SHOULD");
    ck_assert_str_eq(level_name(LEVEL_MAY), "MAY");
    ck_assert_str_eq(level_name(LEVEL_INFO), "INFO");
}
END_TEST

START_TEST(a_reason_names_both_sides_in_the_words_of_the_documentation)
{
    struct outcome seen = {.kind = OUTCOME_SOCKET,
                           .failed = true,
                           .value = -1,
                           .error = WSAEWOULDBLOCK,
                           .error_stored = true};

    expectations_reset();
    ck_assert(!expect_outcome(MUST("ACCEPT-01"), "WSPAccept after a cancel", seen,
                              ONE_OF(FAILS_WITH(WSAEINTR))));
    ck_assert_str_eq(judge(0).reason,
                     "WSPAccept after a cancel: expected INVALID_SOCKET with WSAEINTR (10004), "
                     "got INVALID_SOCKET with WSAEWOULDBLOCK (10035)");
}
END_TEST

START_TEST(a_reason_lists_all_that_was_acceptable)
{
    struct outcome seen = {.kind = OUTCOME_INT, .value = 5};

    expectations_reset();
    expect_outcome(MUST("X-01"), "WSPRecv", seen, ONE_OF(RETURNS(0), FAILS_WITH(WSAEINTR), FAILS));
    ck_assert_str_eq(judge(0).reason, "WSPRecv: expected 0 or SOCKET_ERROR with WSAEINTR (10004) "
                                      "or SOCKET_ERROR with any error, got 5");
}
END_TEST

START_TEST(what_is_acceptable_is_told_in_the_terms_of_the_function)
{
    struct outcome empty_slot = {.kind = OUTCOME_NO_ENTRY, .failed = true};
    struct outcome no_socket = {.kind = OUTCOME_SOCKET, .failed = true};

    expectations_reset();
    expect_outcome(MUST("X-01"), "WSPAccept", no_socket, ONE_OF(SUCCEEDS));
    ck_assert_str_eq(judge(0).reason,
                     "WSPAccept: expected a socket, got INVALID_SOCKET with *lpErrno untouched");
    expectations_reset();
    expect_outcome(MUST("X-01"), "WSPRecv", empty_slot, ONE_OF(FAILS_WITH(WSAEINTR)));
    ck_assert_str_eq(judge(0).reason, "WSPRecv: expected SOCKET_ERROR with WSAEINTR (10004), "
                                      "got nothing: the proc table holds no function there");
}
END_TEST

START_TEST(numbers_are_compared)
{
    expectations_reset();
    ck_assert(expect_number(must, "a number", 3, 3));
    ck_assert(expect_at_most(must, "a number", 3, 3));
    ck_assert(expect_at_least(must, "a number", 3, 3));
    ck_assert_int_eq(judge(0).verdict, VERDICT_PASS);
    ck_assert(!expect_at_most(SHOULD("X-02"), "a number", 3, 4));
    ck_assert_str_eq(judge(0).reason, "a number: expected at most 3, got 4");
    ck_assert(!expect_at_least(NEEDED("provider"), "a number", 3, -2));
    ck_assert_str_eq(judge(0).reason, "a number: expected at least 3, got -2");
    ck_assert(!expect_number(must, "a number", 1LL << 40, 0));
    ck_assert_str_eq(judge(0).reason, "a number: expected 1099511627776, got 0");
    ck_assert_uint_eq(expectations_recorded(), 6);
}
END_TEST

START_TEST(bytes_are_compared_and_the_first_difference_is_told)
{
    expectations_reset();
    ck_assert(expect_bytes(must, "some bytes", "abc", "abd", 2));
    ck_assert(expect_bytes(must, "no bytes", "", "", 0));
    ck_assert_int_eq(judge(0).verdict, VERDICT_PASS);
    ck_assert(!expect_bytes(must, "some bytes", "abc", "abd", 3));
    ck_assert_str_eq(judge(0).reason, "some bytes: expected byte 2 of 3 is 0x63, got 0x64");
}
END_TEST

START_TEST(a_byte_that_nobody_wrote_is_told_as_such)
{
    const struct buffer *fresh = buffer_new("fresh", 1);

    expectations_reset();
    ck_assert(!expect_bytes(must, "some bytes", "a", fresh->bytes, 1));
    ck_assert_str_eq(judge(0).reason, "some bytes: expected byte 0 of 1 is 0x61, got 0x5A, as in "
                                      "memory that nothing was written to");
}
END_TEST

START_TEST(a_demand_can_be_changed_in_what_it_says_of_the_failure)
{
    struct demand demand = ending(resting_on(MUST("X-01"), "startup/starts"));

    ck_assert_str_eq(demand.rests_on, "startup/starts");
    ck_assert_str_eq(demand.cause, "hang");
    ck_assert_str_eq(demand.requirement, "X-01");
    ck_assert_int_eq(demand.otherwise, VERDICT_FAIL);
    ck_assert_str_eq(judged(&demand, 1, 0).cause, "hang");
}
END_TEST

static jmp_buf out;
static char reason_given[1200];

static void jump_out(const char *reason)
{
    snprintf(reason_given, sizeof reason_given, "%s", reason);
    longjmp(out, 1);
}

/* True if the case was left. */
static bool leaves(void (*act)(void))
{
    bool left;

    expectations_reset();
    *reason_given = '\0';
    expect_set_way_out(jump_out);
    left = setjmp(out) != 0;
    if (!left) {
        act();
    }
    expect_set_way_out(NULL);
    return left;
}

static void require_what_is_met(void)
{
    struct outcome zero = {.kind = OUTCOME_INT};

    require_that(must, true, "a condition", "so", "so");
    require_outcome(must, "an outcome", zero, ONE_OF(RETURNS(0)));
}

static void require_what_is_not_so(void)
{
    require_that(must, false, "a condition", "so", "not %s", "so");
}

static void require_another_outcome(void)
{
    struct outcome zero = {.kind = OUTCOME_INT};

    require_outcome(NEEDED("provider"), "an outcome", zero, ONE_OF(RETURNS(1)));
}

static void stop(void)
{
    stop_case(NEEDED("environment"), "a machine", "one that does", "one that does not");
}

START_TEST(what_is_required_ends_the_case_unless_it_is_met)
{
    ck_assert(!leaves(require_what_is_met));
    ck_assert_int_eq(judge(0).verdict, VERDICT_PASS);
    ck_assert(leaves(require_what_is_not_so));
    ck_assert_str_eq(reason_given, "a condition: expected so, got not so");
    ck_assert_int_eq(judge(0).verdict, VERDICT_FAIL);
    ck_assert(leaves(require_another_outcome));
    ck_assert_str_eq(reason_given, "an outcome: expected 1, got 0");
    ck_assert_int_eq(judge(0).verdict, VERDICT_INCONCLUSIVE);
    ck_assert(leaves(stop));
    ck_assert_str_eq(reason_given, "a machine: expected one that does, got one that does not");
    ck_assert_str_eq(judge(0).blame, "environment");
}
END_TEST

START_TEST(choices_are_collected)
{
    expectations_reset();
    meet(must);
    ck_assert_str_eq(judge(0).choice, "");
    record_choice("keeps %d", 1);
    record_choice("and drops 2");
    ck_assert_str_eq(judge(0).choice, "keeps 1; and drops 2");
    ck_assert_int_eq(judge(0).verdict, VERDICT_PASS);
}
END_TEST

START_TEST(long_texts_are_cut_and_harm_nothing)
{
    static char text[5000];
    struct judgement judgement;

    memset(text, 'x', sizeof text - 1);
    expectations_reset();
    expect_that(must, false, text, text, "%s", text);
    for (int i = 0; i < 10; i++) {
        record_choice("%s", text);
    }
    judgement = judge(0);
    ck_assert_int_eq(judgement.verdict, VERDICT_FAIL);
    ck_assert_uint_lt(strlen(judgement.reason), sizeof judgement.reason);
    ck_assert_uint_lt(strlen(judgement.choice), sizeof judgement.choice);
}
END_TEST

START_TEST(an_expectation_is_a_line_of_evidence)
{
    const char *lines;

    expectations_reset();
    evidence_written();
    expect_that(resting_on(SHOULD("X-07"), "a/gate"), false, "this", "that", "\"%s\"", "other");
    lines = evidence_written();
    ck_assert_ptr_nonnull(
        strstr(lines, "\"event\":\"expect\",\"requirement\":\"X-07\",\"level\":\"SHOULD\","
                      "\"what\":\"this\",\"acceptable\":[\"that\"],\"seen\":\"\\\"other\\\"\","
                      "\"met\":false,\"otherwise\":\"warn\",\"cause\":\"expectation\","
                      "\"blame\":\"provider\",\"rests_on\":\"a/gate\"}\n"));
}
END_TEST

START_TEST(a_condition_that_holds_was_not_seen_to_fail)
{
    const char *lines;

    expectations_reset();
    evidence_written();
    expect_holds(must, true, "this", "it is set", "not set within %d ms", 5);
    lines = evidence_written();
    ck_assert_ptr_nonnull(strstr(lines, "\"seen\":\"it is set\""));
    expect_that(must, true, "this", "it is set", "not set");
    lines = evidence_written();
    ck_assert_ptr_nonnull(strstr(lines, "\"seen\":\"it is set\""));
    expect_that(must, true, "this", "at least 3", "%d", 5);
    lines = evidence_written();
    ck_assert_ptr_nonnull(strstr(lines, "\"seen\":\"5\""));
    expect_holds(must, false, "this", "it is set", "not set within %d ms", 5);
    lines = evidence_written();
    ck_assert_ptr_nonnull(strstr(lines, "\"seen\":\"not set within 5 ms\""));
}
END_TEST

START_TEST(a_proof_is_written_once)
{
    const char *lines;
    const char *first;

    expectations_reset();
    evidence_written();
    prove(PROOF_CANCELLED, "first");
    prove(PROOF_CANCELLED, "second");
    lines = evidence_written();
    first = strstr(lines, "\"proof\":\"cancelled\",\"how\":\"first\"");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(strstr(lines, "second"));
}
END_TEST

Suite *expectations_suite(void)
{
    const TTest *const tests[] = {
        what_is_met_and_proved_passes,
        a_case_that_compares_nothing_is_an_error,
        a_missing_proof_is_inconclusive,
        every_proof_has_a_name_and_can_be_missed,
        each_demand_has_its_verdict,
        the_worst_wins_in_any_order,
        of_equals_the_first_is_told,
        a_missing_proof_outweighs_a_warning_and_no_more,
        verdicts_and_levels_have_the_names_of_the_documentation,
        a_reason_names_both_sides_in_the_words_of_the_documentation,
        a_reason_lists_all_that_was_acceptable,
        what_is_acceptable_is_told_in_the_terms_of_the_function,
        numbers_are_compared,
        bytes_are_compared_and_the_first_difference_is_told,
        a_byte_that_nobody_wrote_is_told_as_such,
        a_demand_can_be_changed_in_what_it_says_of_the_failure,
        what_is_required_ends_the_case_unless_it_is_met,
        choices_are_collected,
        long_texts_are_cut_and_harm_nothing,
        an_expectation_is_a_line_of_evidence,
        a_condition_that_holds_was_not_seen_to_fail,
        a_proof_is_written_once,
        NULL,
    };

    return suite_of("expectations", tests);
}
