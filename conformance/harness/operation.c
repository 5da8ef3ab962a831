#include "harness/operation.h"

#include <stdlib.h>
#include <string.h>

/* The out parameters of a call; they live in a guarded buffer like all memory of the provider. */
struct results {
    DWORD transferred;
    DWORD flags;
    int from_length;
};

enum { TRANSFER_PRESET = 0x3C3C3C3C, PIECES_MAX = 17 };

static struct results *results_of(const struct operation *operation)
{
    return (struct results *)(void *)operation->results->bytes;
}

DWORD operation_transferred(const struct operation *operation)
{
    return results_of(operation)->transferred;
}

int operation_from_length(const struct operation *operation)
{
    return results_of(operation)->from_length;
}

static struct operation operation_of(enum spi_function function, struct spi_socket *socket)
{
    struct operation operation = {.function = function, .socket = socket};

    operation.entry = socket != NULL ? socket->entry : NULL;
    operation.results = buffer_new("the out parameters", sizeof(struct results));
    memset(operation.results->bytes, 0, sizeof(struct results));
    results_of(&operation)->transferred = TRANSFER_PRESET;
    return operation;
}

struct operation operation_connect(struct spi_socket *socket, const struct sockaddr_storage *to)
{
    struct operation operation = operation_of(SPI_WSPConnect, socket);

    operation.address = *to;
    operation.address_length = to->ss_family == AF_INET6 ? (int)sizeof(struct sockaddr_in6)
                                                         : (int)sizeof(struct sockaddr_in);
    return operation;
}

static void give_address_buffer(struct operation *operation)
{
    operation->from = buffer_new("the address buffer", sizeof(struct sockaddr_storage));
    results_of(operation)->from_length = (int)sizeof(struct sockaddr_storage);
}

struct operation operation_accept(struct spi_socket *listener)
{
    struct operation operation = operation_of(SPI_WSPAccept, listener);

    give_address_buffer(&operation);
    return operation;
}

struct operation operation_receive(struct spi_socket *socket, size_t size)
{
    struct operation operation = operation_of(SPI_WSPRecv, socket);

    operation.data = buffer_new("the receive buffer", size);
    return operation;
}

struct operation operation_receive_from(struct spi_socket *socket, size_t size)
{
    struct operation operation = operation_of(SPI_WSPRecvFrom, socket);

    operation.data = buffer_new("the receive buffer", size);
    give_address_buffer(&operation);
    return operation;
}

struct operation operation_send(struct spi_socket *socket, struct buffer *data)
{
    struct operation operation = operation_of(SPI_WSPSend, socket);

    operation.data = data;
    return operation;
}

struct operation operation_close(struct spi_socket *socket)
{
    return operation_of(SPI_WSPCloseSocket, socket);
}

struct operation operation_ioctl(struct spi_socket *socket, DWORD code, struct buffer *in)
{
    struct operation operation = operation_of(SPI_WSPIoctl, socket);

    operation.code = code;
    operation.data = in;
    return operation;
}

struct operation operation_select(struct entry *entry, const struct timeval *timeout)
{
    struct operation operation = operation_of(SPI_WSPSelect, NULL);

    operation.entry = entry;
    operation.timeout = timeout;
    return operation;
}

struct buffer *new_fd_set(const char *name, struct spi_socket *const *sockets, unsigned count)
{
    struct buffer *buffer = buffer_new(name, offsetof(fd_set, fd_array) + count * sizeof(SOCKET));
    fd_set *set = fd_set_of(buffer);

    set->fd_count = count;
    for (unsigned i = 0; i < count; i++) {
        set->fd_array[i] = sockets[i]->handle;
    }
    return buffer;
}

fd_set *fd_set_of(struct buffer *set)
{
    return set != NULL ? (fd_set *)(void *)set->bytes : NULL;
}

bool fd_set_holds(const fd_set *set, SOCKET handle)
{
    for (u_int i = 0; i < set->fd_count; i++) {
        if (set->fd_array[i] == handle) {
            return true;
        }
    }
    return false;
}

void operation_select_add(struct operation *operation, unsigned which,
                          struct spi_socket *const *sockets, unsigned count)
{
    static const char *const names[] = {"the read set", "the write set", "the exception set"};

    operation->sets[which] = new_fd_set(names[which], sockets, count);
    operation->sets_made[which] = malloc(operation->sets[which]->size);
    memcpy(operation->sets_made[which], operation->sets[which]->bytes,
           operation->sets[which]->size);
    if (operation->socket == NULL) {
        operation->socket = sockets[0];
    }
}

const struct timeval *read_only_timeval(long seconds, long microseconds)
{
    struct timeval value = {.tv_sec = seconds, .tv_usec = microseconds};

    return read_only_copy(&value, sizeof value);
}

struct operation operation_again(const struct operation *operation)
{
    struct operation again = *operation;

    again.results = buffer_new("the out parameters", sizeof(struct results));
    memset(again.results->bytes, 0, sizeof(struct results));
    results_of(&again)->transferred = TRANSFER_PRESET;
    again.accepted = NULL;
    again.overlapped = NULL;
    if (operation->from != NULL) {
        give_address_buffer(&again);
    }
    if (operation->data != NULL && operation->function != SPI_WSPSend &&
        operation->function != SPI_WSPIoctl) {
        again.data = buffer_new(operation->data->name, operation->data->size);
    }
    if (operation->out != NULL) {
        again.out = buffer_new(operation->out->name, operation->out->size);
    }
    for (unsigned i = 0; i < 3; i++) {
        if (operation->sets[i] != NULL) {
            again.sets[i] = buffer_new(operation->sets[i]->name, operation->sets[i]->size);
            memcpy(again.sets[i]->bytes, operation->sets_made[i], operation->sets[i]->size);
        }
    }
    return again;
}

/* Spreads the data over WSABUFs of about the same length; returns how many there are. */
static DWORD spread(const struct operation *operation, WSABUF array[PIECES_MAX])
{
    size_t count = operation->pieces > 0 ? operation->pieces : 1;
    size_t begin = 0;

    if (operation->empty_first) {
        array[0] = (WSABUF){.len = 0, .buf = (char *)operation->data->bytes};
        array++;
    }
    for (size_t i = 0; i < count && i < PIECES_MAX - 1; i++) {
        size_t end = operation->data->size * (i + 1) / count;
        array[i].len = (u_long)(end - begin);
        array[i].buf = (char *)operation->data->bytes + begin;
        begin = end;
    }
    return (DWORD)count + operation->empty_first;
}

static WSABUF whole(const struct buffer *buffer)
{
    return buffer == NULL ? (WSABUF){.len = 0}
                          : (WSABUF){.len = (u_long)buffer->size, .buf = (char *)buffer->bytes};
}

static struct outcome perform_known(struct operation *operation)
{
    struct results *results = results_of(operation);
    struct sockaddr_storage *from =
        operation->from != NULL ? (struct sockaddr_storage *)(void *)operation->from->bytes : NULL;
    int *from_length = from != NULL ? &results->from_length : NULL;
    WSABUF data[PIECES_MAX] = {0};
    DWORD count = operation->data != NULL ? spread(operation, data) : 0;

    results->flags = operation->flags;
    if (operation->overlapped != NULL && operation->function == SPI_WSPIoctl) {
        return overlapped_ioctl(operation->overlapped, operation->socket, operation->code,
                                whole(operation->data), whole(operation->out),
                                &results->transferred);
    }
    if (operation->overlapped != NULL) {
        return overlapped_perform(operation->overlapped, operation->function, operation->socket,
                                  data, count, &results->transferred, &results->flags, from,
                                  from_length);
    }
    switch (operation->function) {
    case SPI_WSPConnect:
        return spi_connect(operation->socket, (struct sockaddr *)&operation->address,
                           operation->address_length);
    case SPI_WSPAccept:
        return spi_accept(operation->socket, from, from_length, "accepted socket",
                          &operation->accepted);
    case SPI_WSPSelect:
        return spi_select(operation->entry, fd_set_of(operation->sets[0]),
                          fd_set_of(operation->sets[1]), fd_set_of(operation->sets[2]),
                          operation->timeout);
    case SPI_WSPRecv:
        return spi_receive(operation->socket, data, count, &results->transferred, &results->flags);
    case SPI_WSPRecvFrom:
        return spi_receive_from(operation->socket, data, count, &results->transferred,
                                &results->flags, from, from_length);
    case SPI_WSPSend:
        return spi_send(operation->socket, data, count, &results->transferred, operation->flags);
    case SPI_WSPCloseSocket:
        return spi_close(operation->socket);
    case SPI_WSPIoctl:
        return spi_ioctl(
            operation->socket, operation->code, count > 0 ? data[0].buf : NULL,
            count > 0 ? data[0].len : 0, operation->out != NULL ? operation->out->bytes : NULL,
            operation->out != NULL ? (DWORD)operation->out->size : 0, &results->transferred);
    default:
        abort();
    }
}

/* Index from 0; NULL for one that it does not use. */
enum { BUFFERS_OF_AN_OPERATION = 7 };
static struct buffer *buffer_of(const struct operation *operation, unsigned index)
{
    struct buffer *const used[BUFFERS_OF_AN_OPERATION] = {
        operation->data,    operation->from,    operation->sets[0], operation->sets[1],
        operation->sets[2], operation->results, operation->out,
    };

    return used[index];
}

static void with_each_buffer(const struct operation *operation, void (*act)(struct buffer *buffer))
{
    for (unsigned i = 0; i < BUFFERS_OF_AN_OPERATION; i++) {
        if (buffer_of(operation, i) != NULL) {
            act(buffer_of(operation, i));
        }
    }
}

void operation_returned(struct operation *operation)
{
    with_each_buffer(operation, buffer_call_returned);
}

void operation_poison_anew(struct operation *operation)
{
    with_each_buffer(operation, buffer_poison_anew);
}

const struct buffer *operation_changed_late(const struct operation *operation)
{
    for (unsigned i = 0; i < BUFFERS_OF_AN_OPERATION; i++) {
        const struct buffer *buffer = buffer_of(operation, i);
        if (buffer != NULL && buffer_changed_late(buffer) >= 0) {
            return buffer;
        }
    }
    return NULL;
}

struct outcome operation_perform(struct operation *operation)
{
    struct outcome outcome =
        operation->make != NULL ? operation->make(operation) : perform_known(operation);

    /* What is pending has its memory until it is completed. */
    if (operation->overlapped == NULL || !outcome_is_error(outcome, WSA_IO_PENDING)) {
        operation_returned(operation);
    }
    return outcome;
}

void operation_completed(struct operation *operation, DWORD transferred, DWORD flags)
{
    results_of(operation)->transferred = transferred;
    results_of(operation)->flags = flags;
    operation_returned(operation);
}
