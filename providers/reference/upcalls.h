/*
 * What the provider asks of ws2_32. Always through the table of the latest WSPStartup (STARTUP-05),
 * and never with a lock held: the answers come from foreign code.
 */
#ifndef UPCALLS_H
#define UPCALLS_H

#include <winsock2.h>
#include <ws2spi.h>

/* The blocking callback of a thread, and the context which belongs to it. */
struct blocking_hook {
    LPBLOCKINGCALLBACK callback; /* NULL: the thread has none */
    DWORD_PTR context;
};

void upcalls_set(const WSPUPCALLTABLE *table);

/* A socket handle bound to a context: 0 or the error of ws2_32. */
int upcalls_create_handle(DWORD catalog_entry, DWORD_PTR context, SOCKET *handle);
/* The context of a handle: 0, or WSAENOTSOCK for what is none of ours. */
int upcalls_query_context(SOCKET handle, DWORD_PTR *context);
void upcalls_close_handle(SOCKET handle);

/* Tells the client that an overlapped operation has ended, in the way it asked for: by an event, or
 * through a completion port of its own. */
void upcalls_complete(SOCKET handle, WSAOVERLAPPED *overlapped, DWORD error, DWORD bytes);
/* Has a function called on a thread that lies in an alertable wait: 0 or the error of ws2_32. */
int upcalls_queue_apc(WSATHREADID *thread, LPWSAUSERAPC apc, DWORD_PTR context);
void upcalls_reset_event(WSAEVENT event);

/* The one way to send a client a message (UPC-03). */
void upcalls_post_message(HWND window, UINT message, WPARAM wide, LPARAM narrow);

/* The blocking callback of the calling thread; none, too, where ws2_32 has no answer. */
struct blocking_hook upcalls_blocking_hook(DWORD catalog_entry);

#endif
