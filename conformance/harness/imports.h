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
 * From now on every module that is loaded has its imports redirected: the provider's, and what it
 * loads itself, the system's own left out. Wine's loader lets that happen before the first code of
 * the module runs. Windows' tells of a module before it resolves its imports, which then have to be
 * seen to by imports_redirect.
 */
void imports_watch_loading(void);

/* Redirects the imports of all these modules, as far as it has not been done. */
void imports_redirect(void);

/* Redirects those of one module; returns how many there were. */
unsigned imports_redirect_in(HMODULE module);

#endif
