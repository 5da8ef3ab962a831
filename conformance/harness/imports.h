/*
 * What a provider imports, where ws2_32's own answer would not do: WPUCompleteOverlappedRequest is
 * an upcall, but stands in no table. A real ws2_32 knows only the sockets that it made a handle
 * for, Wine's is a stub; so providers get the harness's, through their import tables, and from
 * GetProcAddress.
 */
#ifndef WSPCTS_HARNESS_IMPORTS_H
#define WSPCTS_HARNESS_IMPORTS_H

#include "harness/winsock.h"

/* Remembers what is loaded before the provider is: the rest came with it. */
void imports_remember_modules(void);

/*
 * Redirects the imports of all modules that were loaded since, the system's own left out. To be
 * called again when there may be more.
 */
void imports_redirect(void);

/* Redirects those of one module; returns how many there were. */
unsigned imports_redirect_in(HMODULE module);

#endif
