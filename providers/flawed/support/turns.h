/* For flaws that stand between the provider and the client's blocking callback. */
#ifndef WSPCTS_FLAWED_TURNS_H
#define WSPCTS_FLAWED_TURNS_H

#include "flawed/support/layer.h"

/* Called in place of the callback, which it may call; what it answers is what the provider gets. */
typedef BOOL (*callback_turn)(LPBLOCKINGCALLBACK callback, DWORD_PTR context);

/* For change_upcalls. */
void take_turns(WSPUPCALLTABLE *upcalls, callback_turn turn);

/* For change_table: whether the calling thread has cancelled since its turn began. */
void watch_cancels(WSPPROC_TABLE *table);
bool has_cancelled(void);

#endif
