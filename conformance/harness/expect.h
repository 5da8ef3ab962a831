/*
 * Expectations: one comparison each, of what was seen with the set of what is acceptable. They
 * are judged on the case's main thread only; a callback or a worker records and returns.
 *
 * A demand says what stands behind a comparison, and with that what follows if it is not met.
 */
#ifndef WSPCTS_HARNESS_EXPECT_H
#define WSPCTS_HARNESS_EXPECT_H

#include "harness/winsock.h"

/* In the order of a case's lattice: the worst wins. */
enum verdict {
    VERDICT_NONE,
    VERDICT_NOT_APPLICABLE,
    VERDICT_PASS,
    VERDICT_WARN,
    VERDICT_INCONCLUSIVE,
    VERDICT_FAIL,
    VERDICT_ERROR
};

const char *verdict_name(enum verdict verdict);

enum level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY, LEVEL_INFO };

const char *level_name(enum level level);

struct demand {
    const char *requirement; /* its id in the catalogue; NULL for preparation */
    enum level level;
    enum verdict otherwise; /* the verdict if it is not met */
    const char *cause;      /* "expectation", "hang" or "leak" */
    const char *blame;      /* "provider", "suite" or "environment" */
    const char *rests_on;   /* a gate case that reports the same root cause, or NULL */
};

/* The specification demands it. */
#define MUST(id) ((struct demand){(id), LEVEL_MUST, VERDICT_FAIL, "expectation", "provider", NULL})
/* The specification advises it, or it is inferred. */
#define SHOULD(id)                                                                                 \
    ((struct demand){(id), LEVEL_SHOULD, VERDICT_WARN, "expectation", "provider", NULL})
/* Without it the situation of the case does not come about; says nothing against the provider. */
#define NEEDED(who)                                                                                \
    ((struct demand){NULL, LEVEL_MUST, VERDICT_INCONCLUSIVE, "expectation", (who), NULL})
/* The provider lacks the feature, as its description says. */
#define OFFERED                                                                                    \
    ((struct demand){NULL, LEVEL_MUST, VERDICT_NOT_APPLICABLE, "expectation", "provider", NULL})
/* Our own part, or the machine's. */
#define BROKEN(who) ((struct demand){NULL, LEVEL_MUST, VERDICT_ERROR, "expectation", (who), NULL})

/* The same demand, judged only if `gate` did not already report the root cause. */
struct demand resting_on(struct demand demand, const char *gate);
/* The same demand, for a call that does not end. */
struct demand ending(struct demand demand);
/* The same demand, for something that is not given back. */
struct demand leaking(struct demand demand);

/* What a call into the provider came to. */
enum outcome_kind { OUTCOME_INT, OUTCOME_SOCKET, OUTCOME_BOOL, OUTCOME_CODE, OUTCOME_NO_ENTRY };

struct outcome {
    enum outcome_kind kind;
    bool failed;
    INT_PTR value;
    int error;         /* what stands in *lpErrno; for OUTCOME_CODE the result itself */
    bool error_stored; /* *lpErrno was written to */
};

/* "SOCKET_ERROR with WSAEINTR (10004)", "0", "a socket", ...; returns `text`. */
const char *outcome_text(char *text, size_t size, struct outcome outcome);

bool outcome_is_error(struct outcome outcome, int error);
bool outcome_is_zero(struct outcome outcome);

/* One acceptable outcome; sets of them are closed by a zeroed one (ONE_OF does that). */
struct acceptable {
    enum { ACCEPT_END, ACCEPT_SUCCESS, ACCEPT_VALUE, ACCEPT_ERROR, ACCEPT_ANY_ERROR } kind;
    INT_PTR value;
    int error;
};

#define SUCCEEDS                                                                                   \
    {                                                                                              \
        .kind = ACCEPT_SUCCESS                                                                     \
    }
#define RETURNS(wanted)                                                                            \
    {                                                                                              \
        .kind = ACCEPT_VALUE, .value = (wanted)                                                    \
    }
#define FAILS_WITH(code)                                                                           \
    {                                                                                              \
        .kind = ACCEPT_ERROR, .error = (code)                                                      \
    }
#define FAILS                                                                                      \
    {                                                                                              \
        .kind = ACCEPT_ANY_ERROR                                                                   \
    }
#define ONE_OF(...) ((const struct acceptable[]){__VA_ARGS__, {.kind = ACCEPT_END}})

bool outcome_is_one_of(struct outcome outcome, const struct acceptable *set);

/*
 * What an expectation is about, written as printf does: for the main thread, and good for this
 * expectation and a few more.
 */
const char *about(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/*
 * Each returns whether it was met, and lets the case go on either way. expect_that records what was
 * `seen` in either case, unless that is plain text: then it describes the failure alone, and a
 * condition that holds is recorded as what was acceptable. With expect_holds it always does,
 * numbers or not.
 */
bool expect_outcome(struct demand demand, const char *what, struct outcome seen,
                    const struct acceptable *set);
bool expect_that(struct demand demand, bool met, const char *what, const char *acceptable,
                 const char *seen, ...) __attribute__((format(gnu_printf, 5, 6)));
bool expect_holds(struct demand demand, bool met, const char *what, const char *acceptable,
                  const char *otherwise, ...) __attribute__((format(gnu_printf, 5, 6)));
bool expect_number(struct demand demand, const char *what, int64_t wanted, int64_t seen);
bool expect_at_most(struct demand demand, const char *what, int64_t most, int64_t seen);
bool expect_at_least(struct demand demand, const char *what, int64_t least, int64_t seen);
bool expect_bytes(struct demand demand, const char *what, const void *wanted, const void *seen,
                  size_t count);

/* As the ones above, but nothing that follows makes sense if it is not met: ends the case. */
void require_outcome(struct demand demand, const char *what, struct outcome seen,
                     const struct acceptable *set);
void require_that(struct demand demand, bool met, const char *what, const char *acceptable,
                  const char *seen, ...) __attribute__((format(gnu_printf, 5, 6)));
void require_holds(struct demand demand, bool met, const char *what, const char *acceptable,
                   const char *otherwise, ...) __attribute__((format(gnu_printf, 5, 6)));

/* Records an unmet expectation and ends the case. */
void stop_case(struct demand demand, const char *what, const char *acceptable, const char *seen)
    __attribute__((noreturn));

/* Records what was proved: the name of a proof, and how. A case that lacks one cannot pass. */
enum proof {
    PROOF_STARTED = 1,   /* the provider was started */
    PROOF_BLOCKED = 2,   /* the tested call was seen to be blocked */
    PROOF_CALLBACK = 4,  /* the provider called the blocking callback */
    PROOF_CANCELLED = 8, /* a cancel was made, and the call it concerned ended with WSAEINTR */
    PROOF_COMPLETED = 16 /* a call that was to complete did */
};
enum { PROOF_COUNT = 5 };

const char *proof_name(enum proof proof);
void prove(enum proof proof, const char *how, ...) __attribute__((format(gnu_printf, 2, 3)));

/* Records what the provider does where the texts leave it the choice. */
void record_choice(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/* What all of it comes to. */
struct judgement {
    enum verdict verdict;
    const char *cause;
    const char *blame;
    const char *requirement;
    char reason[1200];
    char choice[1000];
};

/* The verdict so far, given the proofs that the case requires. */
struct judgement judge(unsigned required_proofs);

/* How many expectations were recorded; for the harness's own tests. */
unsigned expectations_recorded(void);
void expectations_reset(void);

/* How stop_case leaves the case: set by whoever runs it; must not return. */
void expect_set_way_out(void (*leave)(const char *reason));

#endif
