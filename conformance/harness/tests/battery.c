#include "harness/battery.h"

#include "tests.h"

#include <string.h>

static struct battery_answer succeeded(const char *what)
{
    return (struct battery_answer){
        .what = what, .returned = true, .outcome = {.kind = OUTCOME_INT}};
}

static struct battery_answer failed(const char *what, int error, unsigned callbacks)
{
    struct outcome outcome = {
        .kind = OUTCOME_INT, .failed = true, .value = -1, .error = error, .error_stored = true};

    return (struct battery_answer){
        .what = what, .returned = true, .outcome = outcome, .callbacks = callbacks};
}

static const char *profile_of(struct battery *battery)
{
    static char text[BATTERY_TEXT_SIZE];

    return battery_profile(battery, text, sizeof text);
}

START_TEST(calls_with_the_same_answer_are_told_together)
{
    struct battery battery = {.count = 4};

    battery.answers[0] = succeeded("WSPSend");
    battery.answers[1] = failed("WSPAccept", WSAEINVAL, 0);
    battery.answers[2] = succeeded("WSPIoctl FIONREAD");
    battery.answers[3] = failed("WSPBind", WSAEINVAL, 0);
    ck_assert_str_eq(profile_of(&battery),
                     "succeed: Send, Ioctl FIONREAD; WSAEINVAL: Accept, Bind");
}
END_TEST

START_TEST(a_call_that_had_to_be_cancelled_waits)
{
    struct battery battery = {.count = 2};

    battery.answers[0] = failed("WSPRecv", WSAEINTR, 1);
    battery.answers[1] = failed("WSPSend", WSAEINTR, 0);
    ck_assert_str_eq(profile_of(&battery), "wait: Recv; WSAEINTR: Send");
}
END_TEST

START_TEST(what_has_no_code_or_no_end_is_told_so)
{
    struct battery battery = {.count = 3};

    battery.answers[0] = failed("WSPListen", 0, 0);
    battery.answers[0].outcome.error_stored = false;
    battery.answers[1] = failed("WSPJoinLeaf", 0, 0);
    battery.answers[1].outcome.kind = OUTCOME_NO_ENTRY;
    battery.answers[2].what = "WSPShutdown SD_SEND";
    ck_assert_str_eq(profile_of(&battery), "no code: Listen; are missing: JoinLeaf;"
                                           " does not return: Shutdown SD_SEND");
}
END_TEST

START_TEST(what_was_not_asked_is_told)
{
    struct battery battery = {.count = 1, .ran_out = true};

    battery.answers[0] = succeeded("WSPSend");
    ck_assert_str_eq(profile_of(&battery), "succeed: Send; for the rest there was no time");
}
END_TEST

START_TEST(a_profile_that_is_too_long_is_cut_off)
{
    struct battery battery = {.count = BATTERY_CALLS_MAX};
    char text[64];

    for (unsigned i = 0; i < BATTERY_CALLS_MAX; i++) {
        battery.answers[i] = succeeded("WSPGetSockOpt SO_LINGER");
    }
    battery_profile(&battery, text, sizeof text);
    ck_assert_uint_eq(strlen(text), sizeof text - 1);
}
END_TEST

Suite *battery_suite(void)
{
    const TTest *const tests[] = {
        calls_with_the_same_answer_are_told_together, a_call_that_had_to_be_cancelled_waits,
        what_has_no_code_or_no_end_is_told_so,        what_was_not_asked_is_told,
        a_profile_that_is_too_long_is_cut_off,        NULL,
    };

    return suite_of("battery", tests);
}
