#include "harness/spi.h"

#include "harness/evidence.h"
#include "harness/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS_MAX = 32768, GUARD_WORD = 0x6B6B6B6B, NAMES_SIZE = 80 };

static struct spi_call *calls[CALLS_MAX];
static volatile LONG call_count;
static volatile LONG closes; /* WSPCloseSocket and WSPCleanup, begun so far */

struct spi_call *spi_call_at(unsigned index)
{
    return (LONG)index < call_count && index < CALLS_MAX ? calls[index] : NULL;
}

static bool words_hold(const unsigned *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (words[i] != GUARD_WORD) {
            return false;
        }
    }
    return true;
}

bool spi_error_guards_hold(const struct spi_call *call)
{
    return words_hold(call->error.before, ARRAYSIZE(call->error.before)) &&
           words_hold(call->error.after, ARRAYSIZE(call->error.after));
}

struct spi_call *spi_enter(enum spi_function function, struct entry *entry, const char *arguments,
                           ...)
{
    struct spi_call *call = calloc(1, sizeof *call);
    struct harness_thread *thread = thread_current();
    LONG number = InterlockedIncrement(&call_count);
    struct evidence_line line;
    char text[512];
    va_list values;

    call->function = function;
    call->number = (unsigned)number;
    call->entry = entry;
    call->thread = thread;
    call->outer = thread->innermost;
    call->error.value = ERROR_PRESET;
    for (size_t i = 0; i < ARRAYSIZE(call->error.before); i++) {
        call->error.before[i] = GUARD_WORD;
        call->error.after[i] = GUARD_WORD;
    }
    if (number <= CALLS_MAX) {
        calls[number - 1] = call;
    }
    if (function == SPI_WSPCloseSocket || function == SPI_WSPCleanup) {
        InterlockedIncrement(&closes);
    }
    call->closes_before = closes;
    va_start(values, arguments);
    vsnprintf(text, sizeof text, arguments, values);
    va_end(values);
    evidence_begin(&line, "spi");
    evidence_text(&line, "phase", "enter");
    evidence_text(&line, "call", spi_function_name(function));
    evidence_number(&line, "spi", call->number);
    evidence_open_object(&line, "arguments");
    evidence_text(&line, "text", text);
    evidence_close_object(&line);
    evidence_end(&line);
    call->entered = evidence_now();
    thread->innermost = call;
    return call;
}

struct outcome spi_leave(struct spi_call *call, enum outcome_kind kind, bool failed, INT_PTR value)
{
    struct evidence_line line;
    char text[128];
    struct outcome outcome = {
        .kind = kind,
        .failed = failed,
        .value = value,
        .error = call->error.value,
        .error_stored = call->error.value != ERROR_PRESET,
    };

    if (kind == OUTCOME_CODE) {
        outcome.error = (int)value;
        outcome.error_stored = true;
    }
    call->left = evidence_now();
    call->outcome = outcome;
    call->closed_meanwhile = closes != call->closes_before;
    call->thread->innermost = call->outer;
    if (call->callbacks > CALLBACKS_RECORDED) {
        evidence_begin(&line, "callback");
        evidence_text(&line, "phase", "more");
        evidence_text(&line, "call", spi_function_name(call->function));
        evidence_number(&line, "spi", call->number);
        evidence_number(&line, "count", call->callbacks - CALLBACKS_RECORDED);
        evidence_end(&line);
    }
    evidence_begin(&line, "spi");
    evidence_text(&line, "phase", "leave");
    evidence_text(&line, "call", spi_function_name(call->function));
    evidence_number(&line, "spi", call->number);
    evidence_number(&line, "result", value);
    if (failed && outcome.error_stored) {
        evidence_number(&line, "error", outcome.error);
    } else {
        evidence_null(&line, "error");
    }
    evidence_text(&line, "outcome", outcome_text(text, sizeof text, outcome));
    evidence_end(&line);
    return outcome;
}

unsigned spi_calls_made(void)
{
    return (unsigned)call_count;
}

/* What a call comes to whose slot in the proc table holds no function. */
static struct outcome no_entry(struct spi_call *call)
{
    struct outcome outcome = spi_leave(call, OUTCOME_NO_ENTRY, true, 0);

    return outcome;
}

/*
 * One call through the table of an entry: enter, the call itself if the slot holds a function,
 * leave. `failure` is what the function returns when it fails.
 */
#define THROUGH_TABLE(call, table_entry, function, outcome_kind, failure, ...)                     \
    do {                                                                                           \
        if (!entry_has((table_entry), SPI_##function)) {                                           \
            return no_entry(call);                                                                 \
        }                                                                                          \
        value = (INT_PTR)(table_entry)->table.lp##function(__VA_ARGS__, &(call)->error.value);     \
        return spi_leave((call), (outcome_kind), value == (INT_PTR)(failure), value);              \
    } while (0)

struct outcome spi_socket(struct entry *entry, DWORD flags, SOCKET *made)
{
    char told[NAMES_SIZE];
    struct spi_call *call = spi_enter(SPI_WSPSocket, entry, "entry %s, %s", entry_name(entry->kind),
                                      socket_flags_text(told, sizeof told, flags));
    SOCKET handle;

    *made = INVALID_SOCKET;
    if (!entry_has(entry, SPI_WSPSocket)) {
        return no_entry(call);
    }
    handle =
        entry->table.lpWSPSocket(entry->info.iAddressFamily, entry->info.iSocketType,
                                 entry->info.iProtocol, &entry->info, 0, flags, &call->error.value);
    *made = handle;
    return spi_leave(call, OUTCOME_SOCKET, handle == INVALID_SOCKET, (INT_PTR)handle);
}

static struct outcome close_handle(struct entry *entry, SOCKET handle, const char *name)
{
    struct spi_call *call =
        spi_enter(SPI_WSPCloseSocket, entry, "%s 0x%llx", name, (unsigned long long)handle);
    INT_PTR value;

    THROUGH_TABLE(call, entry, WSPCloseSocket, OUTCOME_INT, SOCKET_ERROR, handle);
}

struct outcome spi_close(struct spi_socket *socket)
{
    struct outcome outcome = close_handle(socket->entry, socket->handle, socket->name);

    if (!outcome.failed) {
        socket->open = false;
    }
    return outcome;
}

struct outcome spi_close_handle(struct entry *entry, SOCKET handle)
{
    return close_handle(entry, handle, "handle");
}

struct outcome spi_bind(struct spi_socket *socket, const struct sockaddr *address, int length)
{
    char text[80];
    struct sockaddr_storage copy;
    struct spi_call *call = spi_enter(SPI_WSPBind, socket->entry, "%s, %s", socket->name,
                                      address_text(text, sizeof text, address));
    INT_PTR value;

    memcpy(&copy, address, (size_t)length);
    THROUGH_TABLE(call, socket->entry, WSPBind, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  (struct sockaddr *)&copy, length);
}

struct outcome spi_listen(struct spi_socket *socket, int backlog)
{
    struct spi_call *call =
        spi_enter(SPI_WSPListen, socket->entry, "%s, backlog %d", socket->name, backlog);
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPListen, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  backlog);
}

struct outcome spi_get_sock_name(struct spi_socket *socket, struct sockaddr_storage *address)
{
    struct spi_call *call = spi_enter(SPI_WSPGetSockName, socket->entry, "%s", socket->name);
    int length = (int)sizeof *address;
    INT_PTR value;

    memset(address, 0, sizeof *address);
    THROUGH_TABLE(call, socket->entry, WSPGetSockName, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  (struct sockaddr *)address, &length);
}

struct outcome spi_get_peer_name(struct spi_socket *socket, struct sockaddr_storage *address)
{
    struct spi_call *call = spi_enter(SPI_WSPGetPeerName, socket->entry, "%s", socket->name);
    int length = (int)sizeof *address;
    INT_PTR value;

    memset(address, 0, sizeof *address);
    THROUGH_TABLE(call, socket->entry, WSPGetPeerName, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  (struct sockaddr *)address, &length);
}

struct outcome spi_get_option_of_handle(struct entry *entry, SOCKET handle, int level, int option,
                                        void *value_out, int *size)
{
    char told[NAMES_SIZE];
    struct spi_call *call =
        spi_enter(SPI_WSPGetSockOpt, entry, "0x%llx, %s", (unsigned long long)handle,
                  option_text(told, sizeof told, level, option));
    INT_PTR value;

    THROUGH_TABLE(call, entry, WSPGetSockOpt, OUTCOME_INT, SOCKET_ERROR, handle, level, option,
                  value_out, size);
}

struct outcome spi_get_option(struct spi_socket *socket, int level, int option, void *value,
                              int *size)
{
    return spi_get_option_of_handle(socket->entry, socket->handle, level, option, value, size);
}

struct outcome spi_set_option(struct spi_socket *socket, int level, int option,
                              const void *new_value, int size)
{
    char told[NAMES_SIZE];
    struct spi_call *call = spi_enter(SPI_WSPSetSockOpt, socket->entry, "%s, %s", socket->name,
                                      option_text(told, sizeof told, level, option));
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPSetSockOpt, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  level, option, new_value, size);
}

struct outcome spi_ioctl(struct spi_socket *socket, DWORD code, void *in, DWORD in_size, void *out,
                         DWORD out_size, DWORD *returned)
{
    char told[NAMES_SIZE];
    bool on = code == (DWORD)FIONBIO && in_size >= sizeof(u_long) && *(const u_long *)in != 0;
    struct spi_call *call = spi_enter(SPI_WSPIoctl, socket->entry, "%s, %s%s", socket->name,
                                      ioctl_text(told, sizeof told, code),
                                      code != (DWORD)FIONBIO ? ""
                                      : on                   ? " 1"
                                                             : " 0");
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPIoctl, OUTCOME_INT, SOCKET_ERROR, socket->handle, code,
                  in, in_size, out, out_size, returned, NULL, NULL, NULL);
}

struct outcome spi_set_nonblocking(struct spi_socket *socket, bool nonblocking)
{
    u_long on = nonblocking ? 1 : 0;
    DWORD returned = 0;

    return spi_ioctl(socket, (DWORD)FIONBIO, &on, sizeof on, NULL, 0, &returned);
}

struct outcome spi_connect(struct spi_socket *socket, const struct sockaddr *address, int length)
{
    char text[80];
    struct sockaddr_storage copy;
    struct spi_call *call = spi_enter(SPI_WSPConnect, socket->entry, "%s, %s", socket->name,
                                      address_text(text, sizeof text, address));
    INT_PTR value;

    memcpy(&copy, address, (size_t)length);
    THROUGH_TABLE(call, socket->entry, WSPConnect, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  (struct sockaddr *)&copy, length, NULL, NULL, NULL, NULL);
}

struct accept_arguments {
    struct sockaddr_storage *address;
    int *length;
    LPCONDITIONPROC condition;
    DWORD_PTR data;
};

static struct outcome accept_with(struct spi_socket *listener, struct accept_arguments with,
                                  const char *name, struct spi_socket **accepted)
{
    struct spi_call *call = spi_enter(SPI_WSPAccept, listener->entry, "%s%s", listener->name,
                                      with.condition != NULL ? ", with a condition function" : "");
    SOCKET handle;

    *accepted = NULL;
    if (!entry_has(listener->entry, SPI_WSPAccept)) {
        return no_entry(call);
    }
    handle = listener->entry->table.lpWSPAccept(listener->handle, (struct sockaddr *)with.address,
                                                with.length, with.condition, with.data,
                                                &call->error.value);
    if (handle != INVALID_SOCKET) {
        *accepted = provider_adopt(listener->entry, handle, name);
    }
    return spi_leave(call, OUTCOME_SOCKET, handle == INVALID_SOCKET, (INT_PTR)handle);
}

struct outcome spi_accept(struct spi_socket *listener, struct sockaddr_storage *address,
                          int *length, const char *name, struct spi_socket **accepted)
{
    struct accept_arguments with = {.address = address, .length = length};

    return accept_with(listener, with, name, accepted);
}

struct outcome spi_accept_asking(struct spi_socket *listener, LPCONDITIONPROC condition,
                                 DWORD_PTR data, struct spi_socket **accepted)
{
    struct accept_arguments with = {.condition = condition, .data = data};

    return accept_with(listener, with, "accepted socket", accepted);
}

static unsigned set_size(const fd_set *set)
{
    return set != NULL ? set->fd_count : 0;
}

struct outcome spi_select(struct entry *entry, fd_set *read, fd_set *write, fd_set *except,
                          const struct timeval *timeout)
{
    char limit[32] = "no timeout";
    struct spi_call *call;
    INT_PTR value;

    if (timeout != NULL) {
        snprintf(limit, sizeof limit, "%ld.%06ld s", timeout->tv_sec, timeout->tv_usec);
    }
    call = spi_enter(SPI_WSPSelect, entry, "%u to read, %u to write, %u for exceptions, %s",
                     set_size(read), set_size(write), set_size(except), limit);
    THROUGH_TABLE(call, entry, WSPSelect, OUTCOME_INT, SOCKET_ERROR, 0, read, write, except,
                  (PTIMEVAL)timeout);
}

static unsigned long total(const WSABUF *buffers, DWORD count)
{
    unsigned long sum = 0;

    for (DWORD i = 0; i < count; i++) {
        sum += buffers[i].len;
    }
    return sum;
}

struct outcome spi_receive(struct spi_socket *socket, WSABUF *buffers, DWORD count, DWORD *received,
                           DWORD *flags)
{
    char told[NAMES_SIZE];
    struct spi_call *call =
        spi_enter(SPI_WSPRecv, socket->entry, "%s, %lu bytes, %s", socket->name,
                  total(buffers, count), receive_flags_text(told, sizeof told, *flags));
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPRecv, OUTCOME_INT, SOCKET_ERROR, socket->handle, buffers,
                  count, received, flags, NULL, NULL, NULL);
}

struct outcome spi_receive_from(struct spi_socket *socket, WSABUF *buffers, DWORD count,
                                DWORD *received, DWORD *flags, struct sockaddr_storage *from,
                                int *from_length)
{
    char told[NAMES_SIZE];
    struct spi_call *call =
        spi_enter(SPI_WSPRecvFrom, socket->entry, "%s, %lu bytes, %s", socket->name,
                  total(buffers, count), receive_flags_text(told, sizeof told, *flags));
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPRecvFrom, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  buffers, count, received, flags, (struct sockaddr *)from, from_length, NULL, NULL,
                  NULL);
}

struct outcome spi_send(struct spi_socket *socket, WSABUF *buffers, DWORD count, DWORD *sent,
                        DWORD flags)
{
    struct spi_call *call =
        spi_enter(SPI_WSPSend, socket->entry, "%s, %lu bytes", socket->name, total(buffers, count));
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPSend, OUTCOME_INT, SOCKET_ERROR, socket->handle, buffers,
                  count, sent, flags, NULL, NULL, NULL);
}

struct outcome spi_send_to(struct spi_socket *socket, WSABUF *buffers, DWORD count, DWORD *sent,
                           DWORD flags, const struct sockaddr *to, int to_length)
{
    char text[80];
    struct spi_call *call =
        spi_enter(SPI_WSPSendTo, socket->entry, "%s, %lu bytes, to %s", socket->name,
                  total(buffers, count), address_text(text, sizeof text, to));
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPSendTo, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  buffers, count, sent, flags, to, to_length, NULL, NULL, NULL);
}

struct outcome spi_shutdown(struct spi_socket *socket, int how)
{
    struct spi_call *call =
        spi_enter(SPI_WSPShutdown, socket->entry, "%s, how %d", socket->name, how);
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPShutdown, OUTCOME_INT, SOCKET_ERROR, socket->handle, how);
}

struct outcome spi_async_select(struct spi_socket *socket, HWND window, unsigned message,
                                long events)
{
    char told[NAMES_SIZE];
    struct spi_call *call =
        spi_enter(SPI_WSPAsyncSelect, socket->entry, "%s, message 0x%x, %s", socket->name, message,
                  events_text(told, sizeof told, events));
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPAsyncSelect, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  window, message, events);
}

struct outcome spi_duplicate(struct spi_socket *socket, DWORD process, WSAPROTOCOL_INFOW *info)
{
    struct spi_call *call =
        spi_enter(SPI_WSPDuplicateSocket, socket->entry, "%s, process %lu", socket->name, process);
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPDuplicateSocket, OUTCOME_INT, SOCKET_ERROR,
                  socket->handle, process, info);
}

struct outcome spi_send_disconnect(struct spi_socket *socket)
{
    struct spi_call *call = spi_enter(SPI_WSPSendDisconnect, socket->entry, "%s", socket->name);
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPSendDisconnect, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  NULL);
}

struct outcome spi_receive_disconnect(struct spi_socket *socket)
{
    struct spi_call *call = spi_enter(SPI_WSPRecvDisconnect, socket->entry, "%s", socket->name);
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPRecvDisconnect, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  NULL);
}

struct outcome spi_event_select(struct spi_socket *socket, WSAEVENT event, long events)
{
    char told[NAMES_SIZE];
    struct spi_call *call = spi_enter(SPI_WSPEventSelect, socket->entry, "%s, %s", socket->name,
                                      events_text(told, sizeof told, events));
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPEventSelect, OUTCOME_INT, SOCKET_ERROR, socket->handle,
                  event, events);
}

struct outcome spi_enum_events(struct spi_socket *socket, WSAEVENT event, WSANETWORKEVENTS *events)
{
    struct spi_call *call = spi_enter(SPI_WSPEnumNetworkEvents, socket->entry, "%s", socket->name);
    INT_PTR value;

    THROUGH_TABLE(call, socket->entry, WSPEnumNetworkEvents, OUTCOME_INT, SOCKET_ERROR,
                  socket->handle, event, events);
}

struct outcome spi_cancel(struct entry *entry)
{
    return spi_cancel_through(entry, entry->table.lpWSPCancelBlockingCall, NULL);
}

/* The calls that the cancelling thread is in are those the cancel may have been for (CBC-14). */
static void note_cancel(const struct spi_call *cancel)
{
    for (struct spi_call *call = cancel->outer; call != NULL; call = call->outer) {
        call->cancelled = true;
        call->cancel_worked = call->cancel_worked || outcome_is_zero(cancel->outcome);
    }
}

struct outcome spi_cancel_through(struct entry *entry, LPWSPCANCELBLOCKINGCALL cancel,
                                  int *error_cell)
{
    struct spi_call *call = spi_enter(SPI_WSPCancelBlockingCall, entry, "%s", "");
    struct outcome outcome;
    int value;

    if (!entry_has(entry, SPI_WSPCancelBlockingCall)) {
        return no_entry(call);
    }
    if (error_cell != NULL) {
        *error_cell = ERROR_PRESET;
        value = cancel(error_cell);
        call->error.value = *error_cell;
    } else {
        value = cancel(&call->error.value);
    }
    outcome = spi_leave(call, OUTCOME_INT, value == SOCKET_ERROR, value);
    note_cancel(call);
    return outcome;
}

struct outcome spi_cleanup(struct entry *entry)
{
    struct spi_call *call = spi_enter(SPI_WSPCleanup, entry, "entry %s", entry_name(entry->kind));
    int value;

    if (!entry_has(entry, SPI_WSPCleanup)) {
        return no_entry(call);
    }
    value = entry->table.lpWSPCleanup(&call->error.value);
    return spi_leave(call, OUTCOME_INT, value != 0, value);
}
