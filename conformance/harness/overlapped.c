#include "harness/overlapped.h"

#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/names.h"
#include "harness/spi.h"

#include <stdlib.h>
#include <string.h>

struct overlapped *overlapped_new(enum completion how)
{
    struct overlapped *overlapped = calloc(1, sizeof *overlapped);
    WSAOVERLAPPED *structure;

    overlapped->how = how;
    overlapped->completed = CreateEventW(NULL, TRUE, FALSE, NULL);
    guard_handle(overlapped->completed);
    overlapped->structure = buffer_new("the OVERLAPPED", sizeof(WSAOVERLAPPED));
    structure = overlapped_structure(overlapped);
    memset(structure, 0, sizeof *structure);
    /* With a routine the event is none, and the member is free for the client to use. */
    structure->hEvent = how == BY_EVENT ? overlapped->completed : (HANDLE)overlapped;
    return overlapped;
}

WSAOVERLAPPED *overlapped_structure(const struct overlapped *overlapped)
{
    return (WSAOVERLAPPED *)(void *)overlapped->structure->bytes;
}

/* On the thread that made the call; it records and returns. */
static void CALLBACK completion_routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED structure,
                                        DWORD flags)
{
    struct overlapped *overlapped = (struct overlapped *)structure->hEvent;

    overlapped->error = error;
    overlapped->bytes = bytes;
    overlapped->flags = flags;
    overlapped->ran_on = GetCurrentThreadId();
    InterlockedIncrement(&overlapped->routines);
    evidence_note("completion routine", "error %lu, %lu bytes", error, bytes);
    SetEvent(overlapped->completed);
}

/* The calling thread, as ws2_32 names it to a provider. It stays open for as long as the case. */
static WSATHREADID *thread_id(void)
{
    static __thread WSATHREADID id;
    HANDLE self = GetCurrentProcess();

    if (id.ThreadHandle == NULL) {
        DuplicateHandle(self, GetCurrentThread(), self, &id.ThreadHandle, 0, FALSE,
                        DUPLICATE_SAME_ACCESS);
        guard_handle(id.ThreadHandle);
    }
    return &id;
}

static struct outcome no_entry(struct spi_call *call)
{
    return spi_leave(call, OUTCOME_NO_ENTRY, true, 0);
}

static LPWSAOVERLAPPED_COMPLETION_ROUTINE routine_of(const struct overlapped *overlapped)
{
    return overlapped->how == BY_ROUTINE ? completion_routine : NULL;
}

static const char *completion_text(const struct overlapped *overlapped)
{
    return overlapped->how == BY_ROUTINE ? "routine" : "event";
}

struct outcome overlapped_perform(struct overlapped *overlapped, enum spi_function function,
                                  struct spi_socket *socket, WSABUF *buffers, DWORD count,
                                  DWORD *transferred, DWORD *flags, struct sockaddr_storage *from,
                                  int *from_length)
{
    const WSPPROC_TABLE *table = &socket->entry->table;
    WSAOVERLAPPED *structure = overlapped_structure(overlapped);
    WSATHREADID *thread = thread_id();
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = routine_of(overlapped);
    struct spi_call *call =
        spi_enter(function, socket->entry, "%s, overlapped, completed by its %s", socket->name,
                  completion_text(overlapped));
    int *error = &call->error.value;
    int value;

    if (!entry_has(socket->entry, function)) {
        return no_entry(call);
    }
    switch (function) {
    case SPI_WSPRecv:
        value = table->lpWSPRecv(socket->handle, buffers, count, transferred, flags, structure,
                                 routine, thread, error);
        break;
    case SPI_WSPRecvFrom:
        value = table->lpWSPRecvFrom(socket->handle, buffers, count, transferred, flags,
                                     (void *)from, from_length, structure, routine, thread, error);
        break;
    case SPI_WSPSend:
        value = table->lpWSPSend(socket->handle, buffers, count, transferred, *flags, structure,
                                 routine, thread, error);
        break;
    default:
        abort();
    }
    return spi_leave(call, OUTCOME_INT, value == SOCKET_ERROR, value);
}

struct outcome overlapped_ioctl(struct overlapped *overlapped, struct spi_socket *socket,
                                DWORD code, WSABUF in, WSABUF out, DWORD *transferred)
{
    char told[80];
    WSATHREADID *thread = thread_id();
    struct spi_call *call =
        spi_enter(SPI_WSPIoctl, socket->entry, "%s, %s, overlapped, completed by its %s",
                  socket->name, ioctl_text(told, sizeof told, code), completion_text(overlapped));
    int value;

    if (!entry_has(socket->entry, SPI_WSPIoctl)) {
        return no_entry(call);
    }
    value = socket->entry->table.lpWSPIoctl(socket->handle, code, in.buf, in.len, out.buf, out.len,
                                            transferred, overlapped_structure(overlapped),
                                            routine_of(overlapped), thread, &call->error.value);
    return spi_leave(call, OUTCOME_INT, value == SOCKET_ERROR, value);
}

bool overlapped_has_completed(const struct overlapped *overlapped)
{
    return WaitForSingleObject(overlapped->completed, 0) == WAIT_OBJECT_0;
}

struct alertable_wait {
    HANDLE event;
    DWORD milliseconds;
    bool came;
};

static void wait_alertably(void *argument)
{
    struct alertable_wait *wait = argument;
    int64_t deadline = evidence_now() + (int64_t)wait->milliseconds * 1000;
    DWORD result;

    do {
        int64_t left = (deadline - evidence_now()) / 1000;
        result = WaitForSingleObjectEx(wait->event, left > 0 ? (DWORD)left : 0, TRUE);
    } while (result == WAIT_IO_COMPLETION);
    wait->came = result == WAIT_OBJECT_0;
}

bool overlapped_wait(struct overlapped *overlapped, struct client *client, DWORD milliseconds)
{
    struct alertable_wait wait = {.event = overlapped->completed, .milliseconds = milliseconds};

    client_run(client, wait_alertably, &wait);
    return wait.came;
}

struct outcome spi_get_overlapped_result(struct spi_socket *socket, WSAOVERLAPPED *overlapped,
                                         DWORD *bytes, bool wait, DWORD *flags)
{
    struct spi_call *call = spi_enter(SPI_WSPGetOverlappedResult, socket->entry, "%s, %s",
                                      socket->name, wait ? "waiting for it" : "without waiting");
    BOOL value;

    if (!entry_has(socket->entry, SPI_WSPGetOverlappedResult)) {
        return no_entry(call);
    }
    value = socket->entry->table.lpWSPGetOverlappedResult(socket->handle, overlapped, bytes, wait,
                                                          flags, &call->error.value);
    return spi_leave(call, OUTCOME_BOOL, !value, value);
}

static void wait_for_result(void *argument)
{
    struct result_wait *wait = argument;
    DWORD bytes = 0;
    DWORD flags = 0;

    wait->outcome = spi_get_overlapped_result(wait->socket, overlapped_structure(wait->overlapped),
                                              &bytes, true, &flags);
}

void result_wait_begin(struct result_wait *wait, struct client *client)
{
    client_post(client, wait_for_result, wait);
}
