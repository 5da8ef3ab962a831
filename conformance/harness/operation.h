/* A call into the provider as a value: which function, on what, with which memory. */
#ifndef WSPCTS_HARNESS_OPERATION_H
#define WSPCTS_HARNESS_OPERATION_H

#include "harness/overlapped.h"
#include "harness/spi.h"

struct operation {
    enum spi_function function;
    DWORD flags;               /* in */
    struct spi_socket *socket; /* NULL for WSPSelect */
    struct entry *entry;
    struct sockaddr_storage address; /* WSPConnect: where to */
    int address_length;
    unsigned pieces;        /* over how many WSABUFs the data is spread; 0: it is one */
    bool empty_first;       /* before those there is one of length 0 */
    struct buffer *data;    /* WSPRecv, WSPRecvFrom, WSPSend; what goes into WSPIoctl, or NULL */
    struct buffer *from;    /* WSPAccept, WSPRecvFrom: where the peer's address goes, or NULL */
    struct buffer *out;     /* WSPIoctl: what comes out of it, or NULL */
    struct buffer *sets[3]; /* WSPSelect: fd_sets to read, to write, for exceptions, or NULL */
    fd_set *sets_made[3];   /* what stood in them before any call, which may leave other things */
    const struct timeval *timeout; /* on a read-only page, or NULL */
    DWORD code;                    /* WSPIoctl */
    struct overlapped *overlapped; /* transfers and WSPIoctl: or NULL, then it may block */

    /* What came out. */
    struct buffer *results;      /* the out parameters below live here */
    struct spi_socket *accepted; /* WSPAccept */

    /* Makes the call in place of operation_perform, for functions that it does not know; or NULL.
     */
    struct outcome (*make)(struct operation *operation);

    /* Lets the operation complete from the other end; the first step of a rescue. May be NULL. */
    void (*complete)(struct operation *operation);
    void *other_end;
};

/* Performs it on the calling thread. */
struct outcome operation_perform(struct operation *operation);

/* How many bytes the provider says it moved. */
DWORD operation_transferred(const struct operation *operation);
int operation_from_length(const struct operation *operation);

/* As if the call had returned only now, with this: an overlapped call was completed. */
void operation_completed(struct operation *operation, DWORD transferred, DWORD flags);

/* Remembers the memory as it is now that the call has returned. */
void operation_returned(struct operation *operation);

/* The memory of a call that has returned is the client's again, and it uses it for something else.
 */
void operation_poison_anew(struct operation *operation);
/* The first of its buffers that changed after that; NULL if none did. */
const struct buffer *operation_changed_late(const struct operation *operation);

/* A guarded fd_set of `count` sockets. */
struct buffer *new_fd_set(const char *name, struct spi_socket *const *sockets, unsigned count);
fd_set *fd_set_of(struct buffer *set);
bool fd_set_holds(const fd_set *set, SOCKET handle);

/* A timeval on a page that cannot be written to. */
const struct timeval *read_only_timeval(long seconds, long microseconds);

struct operation operation_connect(struct spi_socket *socket, const struct sockaddr_storage *to);
struct operation operation_accept(struct spi_socket *listener);
struct operation operation_receive(struct spi_socket *socket, size_t size);
struct operation operation_receive_from(struct spi_socket *socket, size_t size);
struct operation operation_send(struct spi_socket *socket, struct buffer *data);
struct operation operation_close(struct spi_socket *socket);
/* It has no room for what comes out of it; `in` may be NULL. */
struct operation operation_ioctl(struct spi_socket *socket, DWORD code, struct buffer *in);
/* Any of the three may have no sockets; the timeout may be NULL. */
struct operation operation_select(struct entry *entry, const struct timeval *timeout);
void operation_select_add(struct operation *operation, unsigned which,
                          struct spi_socket *const *sockets, unsigned count);
/* Makes a fresh operation with the same parameters and fresh memory. */
struct operation operation_again(const struct operation *operation);

#endif
