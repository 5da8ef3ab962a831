#include "harness/case.h"

#include "harness/drain.h"
#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/invariants.h"
#include "harness/network.h"
#include "harness/names.h"

#include "cases.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define X(folder, situation) extern const struct case_record case_##folder##_##situation;
CASES(X)
#undef X

static const struct {
    const char *path; /* of the case's file below conformance/cases, without the ending */
    const struct case_record *record;
} registry[] = {
#define X(folder, situation) {#folder "/" #situation, &case_##folder##_##situation},
    CASES(X)
#undef X
};

/* The case this process runs; Check hands its functions nothing but a number. */
static struct case_item running;

bool case_at(unsigned index, struct case_item *item)
{
    for (size_t r = 0; r < ARRAYSIZE(registry); r++) {
        const struct case_record *record = registry[r].record;
        unsigned rows = 0;
        while (record->rows != NULL && record->rows[rows].name != NULL) {
            rows++;
        }
        if (index < (rows > 0 ? rows : 1)) {
            item->path = registry[r].path;
            item->record = record;
            item->row = rows > 0 ? &record->rows[index] : NULL;
            return true;
        }
        index -= rows > 0 ? rows : 1;
    }
    return false;
}

const char *case_id(char *text, size_t size, const struct case_item *item)
{
    if (item->row != NULL) {
        snprintf(text, size, "%s/%s", item->path, item->row->name);
    } else {
        snprintf(text, size, "%s", item->path);
    }
    return text;
}

bool case_by_id(const char *id, struct case_item *item)
{
    char text[160];

    for (unsigned i = 0; case_at(i, item); i++) {
        if (strcmp(case_id(text, sizeof text, item), id) == 0) {
            return true;
        }
    }
    return false;
}

static enum spi_function function_of(const struct case_item *item)
{
    return item->row != NULL && item->record->function == FROM_ROW ? item->row->function
                                                                   : item->record->function;
}

static const char *rests_on(const struct case_item *item)
{
    return item->row != NULL && item->row->rests_on != NULL ? item->row->rests_on
                                                            : item->record->rests_on;
}

enum case_group case_group(const struct case_item *item)
{
    return item->record->group == GROUP_ENDURANCE ||
                   (item->row != NULL && item->row->group == GROUP_ENDURANCE)
               ? GROUP_ENDURANCE
               : GROUP_DEFAULT;
}

unsigned case_modes(const struct case_item *item)
{
    return item->row != NULL && item->row->modes != 0 ? item->row->modes : item->record->modes;
}

static unsigned required_proofs(const struct case_item *item)
{
    return item->record->proofs | (item->row != NULL ? item->row->proofs : 0);
}

static bool is_gate(const struct case_item *item)
{
    return item->record->gate || (item->row != NULL && item->row->gate);
}

/* Most of its time: for the transport, or for the budget quiet, as it must where no callback shows
 * that a call is blocked. */
static bool waits(const struct case_item *item, enum drive_mode mode)
{
    const struct case_record *record = item->record;
    bool awaits_syn =
        record->awaits_syn && (record->function != FROM_ROW || function_of(item) == SPI_WSPConnect);
    bool awaits_quiet = record->awaits_quiet ||
                        (mode == MODE_NO_CALLBACK && (required_proofs(item) & PROOF_BLOCKED) != 0);

    return awaits_syn || awaits_quiet;
}

static void put_words(struct evidence_line *line, const char *key, const char *words)
{
    evidence_open_list(line, key);
    while (words != NULL && *words != '\0') {
        char word[128];
        size_t length = strcspn(words, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, words);
        evidence_list_text(line, word);
        words += length + strspn(words + length, " ");
    }
    evidence_close_list(line);
}

static bool is_driven(const struct case_item *item, enum drive_mode mode)
{
    (void)item;
    (void)mode;
    return true;
}

/* Of the modes of a case those that `applies` lets pass. */
static void put_modes(struct evidence_line *line, const char *key, const struct case_item *item,
                      bool (*applies)(const struct case_item *item, enum drive_mode mode))
{
    static const enum drive_mode all_modes[] = {MODE_DIRECT, MODE_WS2_32, MODE_NO_CALLBACK};

    evidence_open_list(line, key);
    for (size_t m = 0; m < ARRAYSIZE(all_modes); m++) {
        if ((case_modes(item) & all_modes[m]) != 0 && applies(item, all_modes[m])) {
            evidence_list_text(line, drive_mode_name(all_modes[m]));
        }
    }
    evidence_close_list(line);
}

void case_list(void)
{
    static char whole_lines[1 << 16];
    struct case_item item;
    char id[160];

    /* A device, NUL too, would be written to in many small pieces. */
    setvbuf(stdout, whole_lines, _IOFBF, sizeof whole_lines);

    for (unsigned i = 0; case_at(i, &item); i++) {
        struct evidence_line line;
        evidence_begin(&line, "list");
        line.first = true;
        evidence_text(&line, "id", case_id(id, sizeof id, &item));
        evidence_text(&line, "function", spi_function_name(function_of(&item)));
        put_words(&line, "requirements", item.record->requirements);
        evidence_text(&line, "level", level_name(item.record->level));
        put_modes(&line, "modes", &item, is_driven);
        evidence_text(&line, "does", item.record->does);
        evidence_text(&line, "must", item.record->must);
        put_words(&line, "rests_on", rests_on(&item));
        evidence_flag(&line, "gate", is_gate(&item));
        evidence_flag(&line, "alone", item.record->alone);
        put_modes(&line, "waits", &item, waits);
        evidence_text(&line, "group",
                      case_group(&item) == GROUP_ENDURANCE ? "endurance" : "default");
        evidence_format(&line, "file", "conformance/cases/%s.c", item.path);
        printf("{%.*s}\n", (int)line.length, line.text);
    }
    fflush(stdout);
}

static void write_case_line(const struct case_item *item)
{
    struct evidence_line line;
    char path[3 * MAX_PATH] = "";
    char id[160];

    evidence_begin(&line, "case");
    line.essential = true;
    evidence_text(&line, "id", case_id(id, sizeof id, item));
    evidence_text(&line, "mode", drive_mode_name(settings.mode));
    evidence_number(&line, "seed", settings.seed);
    evidence_text(&line, "function", spi_function_name(function_of(item)));
    evidence_text(&line, "level", level_name(item->record->level));
    put_words(&line, "requirements", item->record->requirements);
    evidence_open_list(&line, "proofs");
    for (unsigned bit = 0; bit < PROOF_COUNT; bit++) {
        if (required_proofs(item) & (1U << bit)) {
            evidence_list_text(&line, proof_name((enum proof)(1U << bit)));
        }
    }
    evidence_close_list(&line);
    WideCharToMultiByte(CP_UTF8, 0, settings.provider_path, -1, path, (int)sizeof path, NULL, NULL);
    evidence_text(&line, "provider", path);
    evidence_end(&line);
}

static void leave_by_check(const char *reason)
{
    ck_abort_msg("%s", reason);
}

static void run_body(int ignored)
{
    struct judgement judgement;

    (void)ignored;
    running.record->run(running.row);
    judge_all_calls();
    judgement = judge(required_proofs(&running));
    if (judgement.verdict == VERDICT_FAIL || judgement.verdict == VERDICT_ERROR) {
        ck_abort_msg("%s", judgement.reason);
    }
}

static int exit_code = EXIT_BROKEN;

/* Out of the case already: what the clean-up requires can only be recorded. */
static void leave_clean_up(const char *reason) __attribute__((noreturn));

static void finish(void);

static void leave_clean_up(const char *reason)
{
    (void)reason;
    finish();
    guard_leave((enum exit_code)exit_code);
}

/* Checked: Check runs it after a failed assertion too. */
static void clean_up(void)
{
    const char *stuck;
    char what[96];

    expect_set_way_out(leave_clean_up);
    network_leave_up();
    judge_all_calls();
    stuck = rescue_all();
    if (stuck != NULL) {
        snprintf(what, sizeof what, "%s, still under way at the end of the case", stuck);
        expect_that(ending(MUST("CBC-02")), false, what,
                    "it returns when its peer acts or its socket is closed", "nothing ends it");
        provider_skip_clean_up();
    }
    provider_clean_up(is_gate(&running));
    if (drains_leave() || !peers_are_provider()) {
        provider_leave_library();
    }
}

static void write_verdict(const struct judgement *judgement)
{
    struct evidence_line line;
    bool passed = judgement->verdict == VERDICT_PASS;

    evidence_begin(&line, "verdict");
    line.essential = true;
    evidence_text(&line, "verdict", verdict_name(judgement->verdict));
    evidence_text(&line, "cause", judgement->cause);
    evidence_text(&line, "blame", judgement->blame);
    evidence_text(&line, "reason", passed ? NULL : judgement->reason);
    evidence_text(&line, "requirement", judgement->requirement);
    evidence_text(&line, "choice", *judgement->choice != '\0' ? judgement->choice : NULL);
    evidence_end(&line);
}

static int exit_code_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
    case VERDICT_WARN:
        return EXIT_PASSED;
    case VERDICT_FAIL:
        return EXIT_FAILED;
    case VERDICT_INCONCLUSIVE:
    case VERDICT_NOT_APPLICABLE:
        return EXIT_UNDECIDED;
    default:
        return EXIT_BROKEN;
    }
}

static void finish(void)
{
    struct judgement judgement = judge(required_proofs(&running));

    write_verdict(&judgement);
    exit_code = exit_code_of(judgement.verdict);
}

int case_run(const struct case_item *item)
{
    static char id[160];
    static TTest test;
    Suite *suite = suite_create("wspcts");
    SRunner *runner;
    TCase *check_case;

    running = *item;
    test = (TTest){
        .name = case_id(id, sizeof id, item), .fn = run_body, .file = item->path, .line = 1};
    check_case = tcase_create(id);
    tcase_add_checked_fixture(check_case, NULL, clean_up);
    tcase_add_test(check_case, &test);
    suite_add_tcase(suite, check_case);
    runner = srunner_create(suite);
    write_case_line(item);
    expect_set_way_out(leave_by_check);
    srunner_run_all(runner, CK_SILENT);
    if (srunner_ntests_run(runner) == 0) {
        guard_leave(EXIT_BROKEN);
    }
    finish();
    return exit_code;
}
