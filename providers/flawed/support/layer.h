/*
 * A flawed provider is the reference provider with one thin layer in front of it, which breaks one
 * rule on purpose. The reference provider itself knows nothing of flaws.
 *
 * A flaw is one file: the replaced entries (or upcalls), and a record that says what is wrong.
 * Conforming variants (providers/variants) are made of the same layer, with a record of their own.
 */
#ifndef WSPCTS_FLAWED_LAYER_H
#define WSPCTS_FLAWED_LAYER_H

#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

#include <stdbool.h>

/* What a layer may replace; what is NULL stays as it is. */
struct layer {
    void (*change_upcalls)(WSPUPCALLTABLE *upcalls);
    void (*change_table)(WSPPROC_TABLE *table);
    int (*start)(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table);
};

/* The one layer of this DLL, made from its record. */
struct layer layer_of_record(void);

struct flaw {
    const char *requirement; /* the rule it breaks, by its id in the catalogue */
    const char *what;        /* one sentence: what it does wrong */
    const char *caught_by;   /* shell patterns, space-separated: each of these cases catches it */

    /* Changes the upcall table before the reference provider gets it. May be NULL. */
    void (*change_upcalls)(WSPUPCALLTABLE *upcalls);
    /* Changes the proc table after the reference provider filled it in. May be NULL. */
    void (*change_table)(WSPPROC_TABLE *table);
    /* Stands in for WSPStartup as a whole. May be NULL. */
    int (*start)(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table);
};

/* Each flaw defines its own. */
extern const struct flaw flaw;

/* The entries and upcalls beneath the layer: what a flaw calls when it wants the right thing. */
extern WSPPROC_TABLE reference;
extern WSPUPCALLTABLE client;

/* Where WSPStartup found the client's upcall table, the last time: memory of the caller's. */
extern const WSPUPCALLTABLE *upcalls_as_passed;

/* Starts the reference provider beneath the layer, and changes the tables as the flaw says. */
int layer_startup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                  LPWSPPROC_TABLE table);

#endif
