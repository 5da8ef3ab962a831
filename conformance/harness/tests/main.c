/*
 * harness_tests.exe: the tests of the harness itself. That a test can fail, and that a failure
 * reaches the exit code, is shown by --prove-failure.
 */
#include "tests.h"

#include "harness/evidence.h"
#include "harness/settings.h"

#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALL_PASSED = 0, ONE_FAILED = 1, COULD_NOT_RUN = 99, EVIDENCE_MAX = 1 << 20 };

static HANDLE reader = INVALID_HANDLE_VALUE;

Suite *suite_of(const char *name, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *group = tcase_create(name);

    for (; *tests != NULL; tests++) {
        tcase_add_test(group, *tests);
    }
    suite_add_tcase(suite, group);
    return suite;
}

const char *evidence_written(void)
{
    static char text[EVIDENCE_MAX];
    DWORD count = 0;

    ck_assert(ReadFile(reader, text, sizeof text - 1, &count, NULL));
    text[count] = '\0';
    return text;
}

/* Lets the evidence go to a file that ends with the process; what Check prints stays where it is.
 */
static bool send_evidence_to_a_file(void)
{
    wchar_t folder[MAX_PATH];
    wchar_t path[MAX_PATH];
    DWORD sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    HANDLE standard = GetStdHandle(STD_OUTPUT_HANDLE);
    int descriptor = _dup(1);
    HANDLE file;
    bool taken;

    if (GetTempPathW(ARRAYSIZE(folder), folder) == 0 ||
        GetTempFileNameW(folder, L"wsp", 0, path) == 0) {
        return false;
    }
    file = CreateFileW(path, GENERIC_WRITE, sharing, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE,
                       NULL);
    reader = CreateFileW(path, GENERIC_READ, sharing, NULL, OPEN_EXISTING, 0, NULL);
    SetStdHandle(STD_OUTPUT_HANDLE, file);
    taken = evidence_take_standard_output("tests");
    SetStdHandle(STD_OUTPUT_HANDLE, standard);
    _dup2(descriptor, 1);
    return taken && file != INVALID_HANDLE_VALUE && reader != INVALID_HANDLE_VALUE;
}

START_TEST(two_and_two_are_five)
{
    ck_assert_int_eq(2 + 2, 5);
}
END_TEST

static Suite *failing_suite(void)
{
    const TTest *const tests[] = {two_and_two_are_five, NULL};

    return suite_of("a suite that fails", tests);
}

static int run(SRunner *runner)
{
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    if (srunner_ntests_run(runner) == 0) {
        fputs("harness_tests: no test was run\n", stderr);
        return COULD_NOT_RUN;
    }
    return failed == 0 ? ALL_PASSED : ONE_FAILED;
}

static SRunner *all_suites(void)
{
    static Suite *(*const suites[])(void) = {
#define X(name) name##_suite,
        SUITES(X)
#undef X
    };
    SRunner *runner = srunner_create(suites[0]());

    for (size_t i = 1; i < ARRAYSIZE(suites); i++) {
        srunner_add_suite(runner, suites[i]());
    }
    return runner;
}

int main(int argc, char **argv)
{
    settings_set_defaults();
    if (argc == 2 && strcmp(argv[1], "--write-evidence") == 0) {
        if (!evidence_take_standard_output("tests")) {
            return COULD_NOT_RUN;
        }
        write_hard_evidence();
        return ALL_PASSED;
    }
    if (!send_evidence_to_a_file()) {
        fputs("harness_tests: no file for the evidence\n", stderr);
        return COULD_NOT_RUN;
    }
    if (argc == 2 && strcmp(argv[1], "--prove-failure") == 0) {
        return run(srunner_create(failing_suite()));
    }
    if (argc != 1) {
        fputs("usage: harness_tests.exe [--prove-failure | --write-evidence]\n", stderr);
        return COULD_NOT_RUN;
    }
    return run(all_suites());
}
