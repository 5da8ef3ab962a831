/* Blocking calls that open their thread with WPUOpenCurrentThread, and close it, or forget to. */
#ifndef WSPCTS_FLAWED_OPENED_H
#define WSPCTS_FLAWED_OPENED_H

#include "flawed/support/layer.h"

/* Each blocking call opens its thread, and closes it unless it fails with this error. */
void open_threads_and_keep_at(WSPPROC_TABLE *table, int error);

#endif
