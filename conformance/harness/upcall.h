/*
 * The fifteen upcalls, as ws2_32 would answer them, and the one that is not in the table. Socket
 * handles made for a provider are real kernel objects kept until the process ends, so that their
 * values cannot collide or come again.
 */
#ifndef WSPCTS_HARNESS_UPCALL_H
#define WSPCTS_HARNESS_UPCALL_H

#include "harness/winsock.h"

/* The table handed to WSPStartup. */
WSPUPCALLTABLE upcall_table(void);

/*
 * WPUCompleteOverlappedRequest, which providers import from ws2_32 (see imports.h): the bytes and
 * the status go into the OVERLAPPED, then its event is set. Only for handles that were made by
 * WPUCreateSocketHandle.
 */
int WSPAPI upcall_complete_overlapped_request(SOCKET s, LPWSAOVERLAPPED overlapped, DWORD error,
                                              DWORD bytes, LPINT error_cell);

/* How often an upcall came, from any thread. */
LONG upcall_count(enum upcall upcall);

/* How many came altogether. */
LONG upcalls_made(void);

/* Lets the next `times` calls of an upcall fail with `error` (for a BOOL upcall: FALSE). */
void upcall_let_fail(enum upcall upcall, int error, unsigned times);

/* What became of a handle given out or modified. */
struct socket_handle {
    SOCKET handle;
    DWORD catalog_entry;
    DWORD_PTR context;
    bool ifs;        /* through WPUModifyIFSHandle */
    unsigned closed; /* how often WPUCloseSocketHandle named it */
};

/*
 * Ends the case as not applicable if the handle is one of the system: what is demanded of providers
 * whose handles ws2_32 makes is not demanded of an IFS provider.
 */
void require_handle_of_ours(SOCKET handle);

/* NULL if the harness never gave out this handle. */
const struct socket_handle *upcall_handle(SOCKET handle);

/*
 * Waits until WPUCloseSocketHandle has named the handle; false after `milliseconds`. A provider may
 * give a handle up a moment after WSPCloseSocket, when its own threads have let go of it.
 */
bool upcall_wait_for_close(SOCKET handle, DWORD milliseconds);

/* How many handles were made, and how many of them are not closed. */
unsigned upcall_handles_made(void);
unsigned upcall_handles_open(void);

/*
 * How many of the handles made since there were `since` of them have not been given back, after
 * `milliseconds` in which the provider may do so. An IFS provider gives a handle back to the
 * system, which then knows no file by it.
 */
unsigned upcall_handles_left(unsigned since, DWORD milliseconds);

/* A message that WPUPostMessage was given. */
struct kept_message {
    HWND window;
    UINT message;
    WPARAM wide;
    LPARAM long_parameter;
};

/* From now on WPUPostMessage keeps what it is given to itself, and says that it has posted it. */
void upcall_keep_messages(void);

/* Message `index`, from 0, of those that were kept; false if it has not come so far. */
bool upcall_kept_message(unsigned index, struct kept_message *kept);

/* How many of the threads that WPUOpenCurrentThread opened are not closed yet. */
LONG upcall_threads_open(void);
/* How often WPUCloseThread named none that was open. */
LONG upcall_threads_closed_in_vain(void);

/* What WPUQueryBlockingCallback was asked for, the last time. */
DWORD upcall_last_queried_entry(void);

/* A query that came on a thread that was in no call of ours. */
LONG upcall_stray_queries(void);

#endif
