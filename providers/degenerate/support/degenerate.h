/*
 * A degenerate provider is wrong, or rude, through and through: what a suite meets that is given
 * any DLL at all. Each is one file with a record; it stands alone, or on the reference provider.
 */
#ifndef WSPCTS_DEGENERATE_H
#define WSPCTS_DEGENERATE_H

#include "flawed/support/layer.h"

/*
 * A hollow one answers, and does nothing: a suite that lets it pass more than a tenth of what is
 * demanded proves too little. A broken one fails with the right cause. A rude one is right, and
 * comes to the verdicts of the reference provider, case by case.
 */
enum degenerate_kind { HOLLOW, BROKEN, RUDE };

struct degenerate {
    enum degenerate_kind kind;
    const char *what;      /* one sentence: what it does */
    const char *verdict;   /* of the provider as a whole */
    const char *cause;     /* BROKEN: expectation, crash, hang, exit or leak; else NULL */
    const char *caught_by; /* BROKEN: a shell pattern of the cases that fail so; else NULL */

    /* As those of a flaw. Each may be NULL. */
    void (*change_upcalls)(WSPUPCALLTABLE *upcalls);
    void (*change_table)(WSPPROC_TABLE *table);
    int (*start)(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table);
};

/* Each defines its own. */
extern const struct degenerate degenerate;

#endif
