/* What a provider keeps for each thread: given back when that ends, and given out as it is. */
#ifndef WSPCTS_FLAWED_STORAGE_H
#define WSPCTS_FLAWED_STORAGE_H

#include "flawed/support/layer.h"

struct storage {
    struct storage *next;
    bool cancelled;
    DWORD blocked_on; /* which thread had its call cancelled */
};

/* For change_table. */
void keep_storage(void);

/* Of the calling thread; NULL if it has none yet. */
struct storage *storage_of_thread(void);

/* For a thread that has none: that of one that has ended, if there is any. */
struct storage *take_storage(void);

#endif
