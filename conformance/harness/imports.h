/*
 * What a provider imports, where ws2_32's own answer would not do: WPUCompleteOverlappedRequest is
 * an upcall, but stands in no table. A real ws2_32 knows only the sockets that it made a handle
 * for, Wine's is a stub; so providers get the harness's, through their import tables, and from
 * GetProcAddress.
 */
#ifndef WSPCTS_HARNESS_IMPORTS_H
#define WSPCTS_HARNESS_IMPORTS_H

#include "harness/winsock.h"

/*
 * Redirects the imports of every module that is loaded from now on, before the first code of it
 * runs: the provider's, and of what it loads itself later, the system's own left out.
 */
void imports_watch_loading(void);

/* Redirects those of one module; returns how many there were. */
unsigned imports_redirect_in(HMODULE module);

#endif
