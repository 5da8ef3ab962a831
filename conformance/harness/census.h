/*
 * The threads of this process: which there are, and who has made those that came since; and how
 * many handles it has.
 */
#ifndef WSPCTS_HARNESS_CENSUS_H
#define WSPCTS_HARNESS_CENSUS_H

#include "harness/winsock.h"

enum { CENSUS_MAX = 128 };

struct census {
    unsigned count;
    DWORD threads[CENSUS_MAX];
};

/* False if the system does not tell. */
bool census_take(struct census *census);

/*
 * How many threads there are that were not in the census, and how many of them began in a function
 * that is not one of the system's libraries.
 */
struct newcomers {
    unsigned all;
    unsigned not_of_the_system;
};

struct newcomers census_newcomers(const struct census *census);

/* How many threads, and how many handles, the process has; 0 if the system does not tell. */
unsigned census_threads(void);
unsigned census_handles(void);

#endif
