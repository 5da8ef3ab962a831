#include "harness/thread.h"

#include "harness/evidence.h"
#include "harness/expect.h"
#include "harness/guard.h"

#include <process.h>
#include <stdio.h>
#include <stdlib.h>

static struct harness_thread threads[THREADS_MAX];
static volatile LONG thread_count;
static DWORD slot = TLS_OUT_OF_INDEXES;
static volatile LONG slot_made;

/*
 * The context of a thread's callback fills a DWORD_PTR (K7), so that one that was cut to a DWORD on
 * its way is seen.
 */
#ifdef _WIN64
static const DWORD_PTR first_context = 0xFEDCBA9876543210;
#else
static const DWORD_PTR first_context = 0xFEDCBA98;
#endif

/* Beyond THREADS_MAX threads the last entry serves for all the rest. */
static struct harness_thread *add_thread(void)
{
    LONG index = InterlockedIncrement(&thread_count) - 1;
    struct harness_thread *thread = &threads[index < THREADS_MAX ? index : THREADS_MAX - 1];

    thread->id = GetCurrentThreadId();
    thread->foreign = true;
    snprintf(thread->name, sizeof thread->name, "thread-%lu", thread->id);
    return thread;
}

struct harness_thread *thread_current(void)
{
    DWORD error = GetLastError();
    struct harness_thread *thread;

    if (slot == TLS_OUT_OF_INDEXES && InterlockedCompareExchange(&slot_made, 1, 0) == 0) {
        slot = TlsAlloc();
    }
    thread = TlsGetValue(slot);
    if (thread == NULL) {
        thread = add_thread();
        TlsSetValue(slot, thread);
    }
    SetLastError(error);
    return thread;
}

void thread_set_name(const char *name)
{
    struct harness_thread *thread = thread_current();

    thread->foreign = false;
    snprintf(thread->name, sizeof thread->name, "%s", name);
    evidence_name_thread(thread->name);
    thread->has_callback = true;
    thread->context = first_context + ((DWORD_PTR)(thread - threads) << 4);
}

struct harness_thread *thread_at(unsigned index)
{
    LONG count = thread_count < THREADS_MAX ? thread_count : THREADS_MAX;

    return (LONG)index < count ? &threads[index] : NULL;
}

struct client {
    char name[24];
    HANDLE thread;
    HANDLE posted;
    HANDLE done;        /* signalled while no job is under way */
    volatile bool over; /* there are no more jobs to come */
    client_job job;
    void *argument;
    struct harness_thread *entry;
};

static unsigned __stdcall client_main(void *argument)
{
    struct client *client = argument;

    thread_set_name(client->name);
    client->entry = thread_current();
    SetEvent(client->done);
    for (;;) {
        WaitForSingleObject(client->posted, INFINITE);
        if (client->over) {
            return 0;
        }
        client->job(client->argument);
        SetEvent(client->done);
    }
}

struct client *client_start(const char *name)
{
    struct client *client = calloc(1, sizeof *client);

    snprintf(client->name, sizeof client->name, "%s", name);
    client->posted = CreateEventW(NULL, FALSE, FALSE, NULL);
    client->done = CreateEventW(NULL, TRUE, FALSE, NULL);
    client->thread = (HANDLE)_beginthreadex(NULL, 0, client_main, client, 0, NULL);
    if (client->thread == NULL) {
        stop_case(BROKEN("environment"), "the system starts a thread", "a thread", "none");
    }
    guard_handle(client->thread);
    guard_handle(client->posted);
    guard_handle(client->done);
    WaitForSingleObject(client->done, INFINITE);
    return client;
}

bool client_end(struct client *client, DWORD milliseconds)
{
    WaitForSingleObject(client->done, INFINITE);
    client->over = true;
    SetEvent(client->posted);
    if (WaitForSingleObject(client->thread, milliseconds) != WAIT_OBJECT_0) {
        return false;
    }
    SetHandleInformation(client->thread, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    CloseHandle(client->thread);
    client->thread = NULL;
    return true;
}

void client_post(struct client *client, client_job job, void *argument)
{
    WaitForSingleObject(client->done, INFINITE);
    ResetEvent(client->done);
    client->job = job;
    client->argument = argument;
    SetEvent(client->posted);
}

bool client_wait(struct client *client, DWORD milliseconds)
{
    HANDLE handles[] = {client->done, client->thread};

    return WaitForMultipleObjects(2, handles, FALSE, milliseconds) == WAIT_OBJECT_0;
}

void client_run(struct client *client, client_job job, void *argument)
{
    client_post(client, job, argument);
    client_wait(client, INFINITE);
}

HANDLE client_handle(const struct client *client)
{
    return client->thread;
}

const char *client_name(const struct client *client)
{
    return client->name;
}

struct harness_thread *client_thread(const struct client *client)
{
    return client->entry;
}
