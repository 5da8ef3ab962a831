/*
 * The last WSPCleanup, made here instead of in the reference provider: it resets the open sockets
 * one by one, so that a flaw decides which of them it forgets.
 */
#ifndef WSPCTS_FLAWED_LAST_CLEAN_UP_H
#define WSPCTS_FLAWED_LAST_CLEAN_UP_H

#include "flawed/support/layer.h"

/* For a flaw's change_table. `forgets` says which sockets are left open. */
void make_the_last_clean_up(WSPPROC_TABLE *table, bool (*forgets)(SOCKET s));

/* Came from WSPAccept. */
bool is_accepted(SOCKET s);

#endif
