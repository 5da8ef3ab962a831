/*
 * Threads as the harness sees them: who they are, and which calls into the provider are open on
 * them. Threads of the provider get an entry when they first come by.
 */
#ifndef WSPCTS_HARNESS_THREAD_H
#define WSPCTS_HARNESS_THREAD_H

#include "harness/winsock.h"

struct spi_call;
struct blocked_call;

enum { THREADS_MAX = 256 };

struct harness_thread {
    char name[24];
    DWORD id;
    bool foreign;                        /* not one of ours */
    struct spi_call *volatile innermost; /* the call into the provider this thread is in, or NULL */
    struct blocked_call *volatile blocked; /* the tested call it makes, or NULL */
    /* What WPUQueryBlockingCallback tells this thread. */
    bool has_callback;
    unsigned callback; /* which of the callback functions */
    DWORD_PTR context;
};

/* The calling thread's entry; made on first use, never NULL. Keeps GetLastError. */
struct harness_thread *thread_current(void);

/*
 * Makes the calling thread one of ours: with a name in the evidence, and a blocking callback whose
 * context is its alone.
 */
void thread_set_name(const char *name);

/* All threads seen so far, for the guard: entry `index`, or NULL at the end. */
struct harness_thread *thread_at(unsigned index);

/*
 * A thread of the client (T1, T2, ...): does one job at a time, in the order they are posted.
 * Only its owner posts to it.
 */
struct client;

/* Starts one; ends the case as an error of the environment if the system has no thread to give. */
struct client *client_start(const char *name);

/*
 * Lets one that has no job end, so that the system may give out its id again. False if it does not
 * end within `milliseconds`; it is not to be used any more.
 */
bool client_end(struct client *client, DWORD milliseconds);

typedef void (*client_job)(void *argument);

void client_post(struct client *client, client_job job, void *argument);

/* Waits until the posted job is done; false after `milliseconds`, or if the thread has ended. */
bool client_wait(struct client *client, DWORD milliseconds);

/* Runs a job there and waits for it, for as long as the case may take. */
void client_run(struct client *client, client_job job, void *argument);

/* The thread, signalled when it has ended (which only a provider can make it do). */
HANDLE client_handle(const struct client *client);

const char *client_name(const struct client *client);
struct harness_thread *client_thread(const struct client *client);

#endif
