/*
 * Calls into the provider. Each is evidence: enter, leave, what came of it. *lpErrno is preset and
 * guarded for every call, the record of a call is kept until the case ends.
 */
#ifndef WSPCTS_HARNESS_SPI_H
#define WSPCTS_HARNESS_SPI_H

#include "harness/buffer.h"
#include "harness/expect.h"
#include "harness/provider.h"
#include "harness/thread.h"

enum { ERROR_PRESET = 0x5A5A5A5A, CALLBACKS_RECORDED = 64 };

/* One call of the blocking callback. */
struct callback_record {
    int64_t entered; /* microseconds */
    int64_t left;
    DWORD thread;
    DWORD_PTR context;
    unsigned callback; /* which of the callback functions */
    BOOL answer;
    bool cancelled; /* a cancel was made in it */
    struct outcome cancel;
};

/* One call into the provider. */
struct spi_call {
    struct spi_call *outer; /* the call in whose callback this one was made */
    enum spi_function function;
    unsigned number;
    struct entry *entry;
    struct harness_thread *thread;
    int64_t entered;
    int64_t left; /* 0 while it is open */
    struct outcome outcome;
    volatile LONG queries;   /* WPUQueryBlockingCallback during it, on its thread */
    DWORD queried_entry;     /* the catalog entry that was passed there, the last time */
    volatile LONG callbacks; /* blocking callbacks during it */
    volatile LONG foreign_callbacks;
    bool cancelled;        /* a cancel was made inside it, on its thread */
    bool cancel_worked;    /* and returned 0 */
    bool answered_false;   /* its callback answered FALSE without a cancel that worked (CBC-22) */
    bool closed_meanwhile; /* something was closed or cleaned up while it was open (G3) */
    LONG closes_before;    /* how many closes and clean-ups had begun when it was entered */
    struct callback_record callback[CALLBACKS_RECORDED];
    struct {
        unsigned before[8];
        int value;
        unsigned after[8];
    } error;
};

/* True if nothing was written beside *lpErrno. */
bool spi_error_guards_hold(const struct spi_call *call);

/* How many calls were made so far, by all threads; the record of a call holds its number. */
unsigned spi_calls_made(void);

/* Every call so far, oldest first: index from 0; NULL at the end. */
struct spi_call *spi_call_at(unsigned index);

/* Used by what calls the provider outside its table. */
struct spi_call *spi_enter(enum spi_function function, struct entry *entry, const char *arguments,
                           ...) __attribute__((format(gnu_printf, 3, 4)));
struct outcome spi_leave(struct spi_call *call, enum outcome_kind kind, bool failed, INT_PTR value);

struct outcome spi_socket(struct entry *entry, DWORD flags, SOCKET *made);
struct outcome spi_close(struct spi_socket *socket);
struct outcome spi_close_handle(struct entry *entry, SOCKET handle);
struct outcome spi_bind(struct spi_socket *socket, const struct sockaddr *address, int length);
struct outcome spi_listen(struct spi_socket *socket, int backlog);
struct outcome spi_get_sock_name(struct spi_socket *socket, struct sockaddr_storage *address);
struct outcome spi_get_peer_name(struct spi_socket *socket, struct sockaddr_storage *address);
struct outcome spi_get_option(struct spi_socket *socket, int level, int option, void *value,
                              int *size);
struct outcome spi_get_option_of_handle(struct entry *entry, SOCKET handle, int level, int option,
                                        void *value, int *size);
struct outcome spi_set_option(struct spi_socket *socket, int level, int option, const void *value,
                              int size);
struct outcome spi_set_nonblocking(struct spi_socket *socket, bool nonblocking);
struct outcome spi_ioctl(struct spi_socket *socket, DWORD code, void *in, DWORD in_size, void *out,
                         DWORD out_size, DWORD *returned);
struct outcome spi_connect(struct spi_socket *socket, const struct sockaddr *address, int length);
/* On success the new handle is adopted as `name` and given in `*accepted`. */
struct outcome spi_accept(struct spi_socket *listener, struct sockaddr_storage *address,
                          int *length, const char *name, struct spi_socket **accepted);
/* The same with a condition function, and without the peer's address. */
struct outcome spi_accept_asking(struct spi_socket *listener, LPCONDITIONPROC condition,
                                 DWORD_PTR data, struct spi_socket **accepted);
struct outcome spi_select(struct entry *entry, fd_set *read, fd_set *write, fd_set *except,
                          const struct timeval *timeout);
struct outcome spi_receive(struct spi_socket *socket, WSABUF *buffers, DWORD count, DWORD *received,
                           DWORD *flags);
struct outcome spi_receive_from(struct spi_socket *socket, WSABUF *buffers, DWORD count,
                                DWORD *received, DWORD *flags, struct sockaddr_storage *from,
                                int *from_length);
struct outcome spi_send(struct spi_socket *socket, WSABUF *buffers, DWORD count, DWORD *sent,
                        DWORD flags);
struct outcome spi_send_to(struct spi_socket *socket, WSABUF *buffers, DWORD count, DWORD *sent,
                           DWORD flags, const struct sockaddr *to, int to_length);
struct outcome spi_shutdown(struct spi_socket *socket, int how);
struct outcome spi_async_select(struct spi_socket *socket, HWND window, unsigned message,
                                long events);
struct outcome spi_duplicate(struct spi_socket *socket, DWORD process, WSAPROTOCOL_INFOW *info);
struct outcome spi_send_disconnect(struct spi_socket *socket);
struct outcome spi_receive_disconnect(struct spi_socket *socket);
struct outcome spi_event_select(struct spi_socket *socket, WSAEVENT event, long events);
struct outcome spi_enum_events(struct spi_socket *socket, WSAEVENT event, WSANETWORKEVENTS *events);
struct outcome spi_cancel(struct entry *entry);
/* The same through a pointer of the caller's choice: another cancel entry, another lpErrno. */
struct outcome spi_cancel_through(struct entry *entry, LPWSPCANCELBLOCKINGCALL cancel,
                                  int *error_cell);
struct outcome spi_cleanup(struct entry *entry);

#endif
