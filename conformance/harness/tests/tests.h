/* The suites of the harness's own tests; each file of tests makes one. */
#ifndef WSPCTS_HARNESS_TESTS_H
#define WSPCTS_HARNESS_TESTS_H

#include "harness/winsock.h"

#include <check.h>

#define SUITES(X)                                                                                  \
    X(battery)                                                                                     \
    X(names)                                                                                       \
    X(settings)                                                                                    \
    X(outcomes)                                                                                    \
    X(expectations)                                                                                \
    X(buffers)                                                                                     \
    X(numbered)                                                                                    \
    X(evidence)                                                                                    \
    X(imports)                                                                                     \
    X(reference)                                                                                   \
    X(catalog)

#define X(name) Suite *name##_suite(void);
SUITES(X)
#undef X

/* A suite of one group of tests, which are closed by a NULL. */
Suite *suite_of(const char *name, const TTest *const *tests);

/*
 * Evidence goes to a file while the tests run: what was written since the last call, as text that
 * is the caller's until the next one.
 */
const char *evidence_written(void);

/* Writes lines that are hard to write, for a reader who knows JSON to try. */
void write_hard_evidence(void);

#endif
