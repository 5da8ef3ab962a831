/*
 * Overlapped calls: begun by a thread of the client, returned from at once, completed later. The
 * harness is ws2_32 here, too: it names the thread on which a completion routine is to run.
 */
#ifndef WSPCTS_HARNESS_OVERLAPPED_H
#define WSPCTS_HARNESS_OVERLAPPED_H

#include "harness/buffer.h"
#include "harness/expect.h"
#include "harness/provider.h"
#include "harness/thread.h"

/* How the client wants to hear of the completion. */
enum completion { BY_EVENT, BY_ROUTINE };

struct overlapped {
    enum completion how;
    struct buffer *structure; /* the WSAOVERLAPPED */
    HANDLE completed;         /* the event, or set by the routine */
    volatile LONG routines;   /* how often the completion routine ran */
    /* What it was given the last time, and on which thread. */
    DWORD error;
    DWORD bytes;
    DWORD flags;
    DWORD ran_on;
};

struct overlapped *overlapped_new(enum completion how);
WSAOVERLAPPED *overlapped_structure(const struct overlapped *overlapped);

/*
 * Makes the call on the calling thread: WSPRecv, WSPRecvFrom or WSPSend, the last two of which have
 * no `from` or no `flags` to fill.
 */
struct outcome overlapped_perform(struct overlapped *overlapped, enum spi_function function,
                                  struct spi_socket *socket, WSABUF *buffers, DWORD count,
                                  DWORD *transferred, DWORD *flags, struct sockaddr_storage *from,
                                  int *from_length);

/* The same with WSPIoctl; the buffers of length 0 are none. */
struct outcome overlapped_ioctl(struct overlapped *overlapped, struct spi_socket *socket,
                                DWORD code, WSABUF in, WSABUF out, DWORD *transferred);

/*
 * Waits for the completion, alertably and on the client's thread, so that its routine can run
 * there; false after `milliseconds`.
 */
bool overlapped_wait(struct overlapped *overlapped, struct client *client, DWORD milliseconds);

/* True if the client has heard of the completion. */
bool overlapped_has_completed(const struct overlapped *overlapped);

/*
 * WSPGetOverlappedResult that waits for an operation, on the client's thread, which has a callback
 * that does nothing; client_wait tells whether it has returned.
 */
struct result_wait {
    struct spi_socket *socket;
    struct overlapped *overlapped;
    struct outcome outcome;
};
void result_wait_begin(struct result_wait *wait, struct client *client);

struct outcome spi_get_overlapped_result(struct spi_socket *socket, WSAOVERLAPPED *overlapped,
                                         DWORD *bytes, bool wait, DWORD *flags);

#endif
