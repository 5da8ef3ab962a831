#include "harness/expect.h"

#include "harness/buffer.h"
#include "harness/evidence.h"
#include "harness/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 400, SET_SIZE = 16 };

static struct judgement so_far;
static unsigned recorded;
static unsigned proofs_seen;
static void (*way_out)(const char *reason);

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        "none", "not-applicable", "pass", "warn", "inconclusive", "fail", "error",
    };
    return names[verdict];
}

const char *level_name(enum level level)
{
    static const char *const names[] = {"MUST", "SHOULD", "MAY", "INFO"};
    return names[level];
}

struct demand resting_on(struct demand demand, const char *gate)
{
    demand.rests_on = gate;
    return demand;
}

struct demand ending(struct demand demand)
{
    demand.cause = "hang";
    return demand;
}

struct demand leaking(struct demand demand)
{
    demand.cause = "leak";
    return demand;
}

static const char *failure_value(enum outcome_kind kind)
{
    switch (kind) {
    case OUTCOME_SOCKET:
        return "INVALID_SOCKET";
    case OUTCOME_BOOL:
        return "FALSE";
    default:
        return "SOCKET_ERROR";
    }
}

const char *outcome_text(char *text, size_t size, struct outcome outcome)
{
    char code[64];

    if (outcome.kind == OUTCOME_NO_ENTRY) {
        snprintf(text, size, "nothing: the proc table holds no function there");
    } else if (outcome.kind == OUTCOME_CODE) {
        snprintf(text, size, "%s",
                 outcome.failed ? error_text(code, sizeof code, outcome.error) : "0");
    } else if (outcome.failed && !outcome.error_stored) {
        snprintf(text, size, "%s with *lpErrno untouched", failure_value(outcome.kind));
    } else if (outcome.failed) {
        snprintf(text, size, "%s with %s", failure_value(outcome.kind),
                 error_text(code, sizeof code, outcome.error));
    } else if (outcome.kind == OUTCOME_SOCKET) {
        snprintf(text, size, "a socket");
    } else if (outcome.kind == OUTCOME_BOOL) {
        snprintf(text, size, "TRUE");
    } else {
        snprintf(text, size, "%lld", (long long)outcome.value);
    }
    return text;
}

bool outcome_is_error(struct outcome outcome, int error)
{
    return outcome.failed && outcome.error_stored && outcome.error == error;
}

bool outcome_is_zero(struct outcome outcome)
{
    return !outcome.failed && outcome.value == 0;
}

static const char *acceptable_text(char *text, size_t size, enum outcome_kind kind,
                                   struct acceptable acceptable)
{
    struct outcome example = {.kind = kind, .error_stored = true};

    switch (acceptable.kind) {
    case ACCEPT_VALUE:
        example.value = acceptable.value;
        if (kind == OUTCOME_NO_ENTRY) {
            example.kind = OUTCOME_INT;
        }
        return outcome_text(text, size, example);
    case ACCEPT_ERROR:
        example.failed = true;
        example.error = acceptable.error;
        if (kind == OUTCOME_NO_ENTRY) {
            example.kind = OUTCOME_INT;
        }
        return outcome_text(text, size, example);
    case ACCEPT_ANY_ERROR:
        snprintf(text, size, "%s with any error", failure_value(kind));
        return text;
    default:
        snprintf(text, size, "%s", kind == OUTCOME_SOCKET ? "a socket" : "success");
        return text;
    }
}

static bool outcome_is(struct outcome outcome, struct acceptable acceptable)
{
    if (outcome.kind == OUTCOME_NO_ENTRY) {
        return false;
    }
    switch (acceptable.kind) {
    case ACCEPT_SUCCESS:
        return !outcome.failed;
    case ACCEPT_VALUE:
        return !outcome.failed && outcome.value == acceptable.value;
    case ACCEPT_ERROR:
        return outcome_is_error(outcome, acceptable.error);
    case ACCEPT_ANY_ERROR:
        return outcome.failed && outcome.error_stored && outcome.error != 0;
    default:
        return false;
    }
}

bool outcome_is_one_of(struct outcome outcome, const struct acceptable *set)
{
    for (; set->kind != ACCEPT_END; set++) {
        if (outcome_is(outcome, *set)) {
            return true;
        }
    }
    return false;
}

const char *about(const char *format, ...)
{
    static char texts[8][TEXT_SIZE];
    static unsigned next;
    char *text = texts[next++ % ARRAYSIZE(texts)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, TEXT_SIZE, format, arguments);
    va_end(arguments);
    return text;
}

static void write_expectation(struct demand demand, const char *what, char acceptable[][TEXT_SIZE],
                              size_t count, const char *seen, bool met)
{
    struct evidence_line line;

    evidence_begin(&line, "expect");
    line.essential = true;
    evidence_text(&line, "requirement", demand.requirement);
    evidence_text(&line, "level", level_name(demand.level));
    evidence_text(&line, "what", what);
    evidence_open_list(&line, "acceptable");
    for (size_t i = 0; i < count; i++) {
        evidence_list_text(&line, acceptable[i]);
    }
    evidence_close_list(&line);
    evidence_text(&line, "seen", seen);
    evidence_flag(&line, "met", met);
    evidence_text(&line, "otherwise", verdict_name(demand.otherwise));
    evidence_text(&line, "cause", demand.cause);
    evidence_text(&line, "blame", demand.blame);
    evidence_text(&line, "rests_on", demand.rests_on);
    evidence_end(&line);
}

static bool record(struct demand demand, const char *what, char acceptable[][TEXT_SIZE],
                   size_t count, const char *seen, bool met)
{
    write_expectation(demand, what, acceptable, count, seen, met);
    recorded++;
    if (!met && demand.otherwise > so_far.verdict) {
        size_t used;
        so_far.verdict = demand.otherwise;
        so_far.cause = demand.cause;
        so_far.blame = demand.blame;
        so_far.requirement = demand.requirement;
        used = (size_t)snprintf(so_far.reason, sizeof so_far.reason, "%s: expected ", what);
        for (size_t i = 0; i < count && used < sizeof so_far.reason; i++) {
            used += (size_t)snprintf(so_far.reason + used, sizeof so_far.reason - used, "%s%s",
                                     i == 0 ? "" : " or ", acceptable[i]);
        }
        if (used < sizeof so_far.reason) {
            snprintf(so_far.reason + used, sizeof so_far.reason - used, ", got %s", seen);
        }
    }
    return met;
}

bool expect_outcome(struct demand demand, const char *what, struct outcome seen,
                    const struct acceptable *set)
{
    char acceptable[SET_SIZE][TEXT_SIZE];
    char seen_text[TEXT_SIZE];
    size_t count = 0;

    for (const struct acceptable *a = set; a->kind != ACCEPT_END && count < SET_SIZE; a++) {
        acceptable_text(acceptable[count++], TEXT_SIZE, seen.kind, *a);
    }
    outcome_text(seen_text, sizeof seen_text, seen);
    return record(demand, what, acceptable, count, seen_text, outcome_is_one_of(seen, set));
}

static bool expect_text(struct demand demand, bool met, const char *what, const char *acceptable,
                        const char *seen)
{
    char set[1][TEXT_SIZE];

    snprintf(set[0], TEXT_SIZE, "%s", acceptable);
    return record(demand, what, set, 1, seen, met);
}

/* With text that describes the failure alone, a condition that holds is told as the acceptable. */
static bool expect_written(struct demand demand, bool met, const char *what, const char *acceptable,
                           bool tells_failure_alone, const char *seen, va_list arguments)
{
    char text[TEXT_SIZE];

    vsnprintf(text, sizeof text, seen, arguments);
    return expect_text(demand, met, what, acceptable,
                       met && tells_failure_alone ? acceptable : text);
}

static bool is_plain(const char *format)
{
    return strchr(format, '%') == NULL;
}

bool expect_that(struct demand demand, bool met, const char *what, const char *acceptable,
                 const char *seen, ...)
{
    va_list arguments;

    va_start(arguments, seen);
    met = expect_written(demand, met, what, acceptable, is_plain(seen), seen, arguments);
    va_end(arguments);
    return met;
}

bool expect_holds(struct demand demand, bool met, const char *what, const char *acceptable,
                  const char *otherwise, ...)
{
    va_list arguments;

    va_start(arguments, otherwise);
    met = expect_written(demand, met, what, acceptable, true, otherwise, arguments);
    va_end(arguments);
    return met;
}

bool expect_number(struct demand demand, const char *what, int64_t wanted, int64_t seen)
{
    char acceptable[32];

    snprintf(acceptable, sizeof acceptable, "%lld", (long long)wanted);
    return expect_that(demand, wanted == seen, what, acceptable, "%lld", (long long)seen);
}

bool expect_at_most(struct demand demand, const char *what, int64_t most, int64_t seen)
{
    char acceptable[48];

    snprintf(acceptable, sizeof acceptable, "at most %lld", (long long)most);
    return expect_that(demand, seen <= most, what, acceptable, "%lld", (long long)seen);
}

bool expect_at_least(struct demand demand, const char *what, int64_t least, int64_t seen)
{
    char acceptable[48];

    snprintf(acceptable, sizeof acceptable, "at least %lld", (long long)least);
    return expect_that(demand, seen >= least, what, acceptable, "%lld", (long long)seen);
}

bool expect_bytes(struct demand demand, const char *what, const void *wanted, const void *seen,
                  size_t count)
{
    const unsigned char *w = wanted;
    const unsigned char *s = seen;
    char acceptable[64];

    for (size_t i = 0; i < count; i++) {
        if (w[i] != s[i]) {
            snprintf(acceptable, sizeof acceptable, "byte %zu of %zu is 0x%02X", i, count, w[i]);
            return expect_that(demand, false, what, acceptable, "0x%02X%s", s[i],
                               s[i] == BUFFER_POISON ? ", as in memory that nothing was written to"
                                                     : "");
        }
    }
    snprintf(acceptable, sizeof acceptable, "%zu equal bytes", count);
    return expect_that(demand, true, what, acceptable, "%zu equal bytes", count);
}

static void __attribute__((noreturn)) leave(void)
{
    if (way_out != NULL) {
        way_out(so_far.reason);
    }
    abort();
}

void require_outcome(struct demand demand, const char *what, struct outcome seen,
                     const struct acceptable *set)
{
    if (!expect_outcome(demand, what, seen, set)) {
        leave();
    }
}

void require_that(struct demand demand, bool met, const char *what, const char *acceptable,
                  const char *seen, ...)
{
    va_list arguments;

    va_start(arguments, seen);
    met = expect_written(demand, met, what, acceptable, is_plain(seen), seen, arguments);
    va_end(arguments);
    if (!met) {
        leave();
    }
}

void require_holds(struct demand demand, bool met, const char *what, const char *acceptable,
                   const char *otherwise, ...)
{
    va_list arguments;

    va_start(arguments, otherwise);
    met = expect_written(demand, met, what, acceptable, true, otherwise, arguments);
    va_end(arguments);
    if (!met) {
        leave();
    }
}

void stop_case(struct demand demand, const char *what, const char *acceptable, const char *seen)
{
    expect_text(demand, false, what, acceptable, seen);
    leave();
}

const char *proof_name(enum proof proof)
{
    switch (proof) {
    case PROOF_STARTED:
        return "started";
    case PROOF_BLOCKED:
        return "blocked";
    case PROOF_CALLBACK:
        return "callback";
    case PROOF_CANCELLED:
        return "cancelled";
    case PROOF_COMPLETED:
        return "completed";
    }
    return "?";
}

void prove(enum proof proof, const char *how, ...)
{
    struct evidence_line line;
    char text[TEXT_SIZE];
    va_list arguments;

    if (proofs_seen & (unsigned)proof) {
        return;
    }
    proofs_seen |= (unsigned)proof;
    va_start(arguments, how);
    vsnprintf(text, sizeof text, how, arguments);
    va_end(arguments);
    evidence_begin(&line, "proof");
    line.essential = true;
    evidence_text(&line, "proof", proof_name(proof));
    evidence_text(&line, "how", text);
    evidence_end(&line);
}

void record_choice(const char *format, ...)
{
    struct evidence_line line;
    char text[sizeof so_far.choice];
    size_t used = strlen(so_far.choice);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(so_far.choice + used, sizeof so_far.choice - used, "%s%s", used > 0 ? "; " : "", text);
    evidence_begin(&line, "note");
    evidence_text(&line, "topic", "choice");
    evidence_text(&line, "text", text);
    evidence_text(&line, "choice", text);
    evidence_end(&line);
}

struct judgement judge(unsigned required_proofs)
{
    struct judgement result = so_far;

    if (recorded == 0) {
        result.verdict = VERDICT_ERROR;
        result.cause = "expectation";
        result.blame = "suite";
        snprintf(result.reason, sizeof result.reason, "the case compared nothing");
        return result;
    }
    if (result.verdict != VERDICT_NONE && result.verdict != VERDICT_WARN) {
        return result;
    }
    for (unsigned bit = 0; bit < PROOF_COUNT; bit++) {
        unsigned proof = 1U << bit;
        if ((required_proofs & proof) != 0 && (proofs_seen & proof) == 0) {
            result.verdict = VERDICT_INCONCLUSIVE;
            result.cause = NULL;
            result.blame = "environment";
            result.requirement = NULL;
            snprintf(result.reason, sizeof result.reason, "not proved: %s",
                     proof_name((enum proof)proof));
            return result;
        }
    }
    if (result.verdict == VERDICT_NONE) {
        result.verdict = VERDICT_PASS;
    }
    return result;
}

unsigned expectations_recorded(void)
{
    return recorded;
}

void expectations_reset(void)
{
    memset(&so_far, 0, sizeof so_far);
    recorded = 0;
    proofs_seen = 0;
}

void expect_set_way_out(void (*leave_by)(const char *reason))
{
    way_out = leave_by;
}
