/* Completions on their way to the client: a flaw changes the status they tell of. */
#ifndef WSPCTS_FLAWED_TOLD_H
#define WSPCTS_FLAWED_TOLD_H

#include "flawed/support/layer.h"

/* Given the status that is right, the one that the completion routine is told. */
typedef DWORD (*told_status)(DWORD error);

/* Wraps the overlapped WSPRecv and WSPSend whose completion is told by a routine. */
void wrap_routines(WSPPROC_TABLE *table, told_status status);

#endif
