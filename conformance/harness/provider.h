/*
 * The provider under test: its library, the catalog entries it was started for, and the sockets
 * it made.
 */
#ifndef WSPCTS_HARNESS_PROVIDER_H
#define WSPCTS_HARNESS_PROVIDER_H

#include "harness/expect.h"
#include "harness/settings.h"
#include "harness/winsock.h"

/* One start-up of the provider, for one catalog entry. */
struct entry {
    enum entry_kind kind;
    int family;
    int type;
    unsigned started; /* start-ups not yet cleaned up */
    struct outcome startup;
    int popped; /* on x86: how many bytes WSPStartup took from the stack; elsewhere -1 */
    WSAPROTOCOL_INFOW info;
    WSPDATA data;
    WSPPROC_TABLE table;
};

/* A socket of the provider. */
struct spi_socket {
    struct spi_socket *next;
    const char *name;
    SOCKET handle;
    struct entry *entry;
    bool open;
    /* The gate that judges closing it: set once a call other than accept or select was cancelled
     * on it, so that only closing is sure (S18). */
    const char *close_gate;
    bool lingers; /* by the case's wish, with data unsent perhaps; the clean-up resets it */
};

/* Loads the library, once; how it went is an outcome of LoadLibrary. Ends the case if it fails. */
void provider_load(void);

/* A function that the library exports, or NULL; loads it if need be. */
FARPROC provider_export(const char *name);

/* The protocol info presented for an entry, with the overrides of the description. */
WSAPROTOCOL_INFOW provider_protocol_info(enum entry_kind kind);

/* True if this is a socket type and family the entry stands for. */
enum entry_kind entry_for(int family, int type);

struct entry *provider_entry(enum entry_kind kind);

/*
 * Calls WSPStartup for the entry with the harness's upcall table and a table poisoned beforehand;
 * judges nothing.
 */
struct outcome provider_startup(struct entry *entry, WORD version);

/* From now on WSPStartup is handed this upcall table instead of upcall_table(). */
void provider_hand_out(WSPUPCALLTABLE (*table)(void));

/*
 * From now on the memory in which WSPStartup was handed its upcall table is overwritten as soon as
 * that has returned: on x64 with the table given here, on x86 with what is no function.
 */
void provider_overwrite_upcalls(WSPUPCALLTABLE (*with)(void));

/*
 * Makes sure that the entry is started, or ends the case: not applicable if the description says
 * that the provider lacks it, inconclusive otherwise.
 */
void provider_start(struct entry *entry);

/* Starts the first entry that the provider has, for cases to which any is as good. */
struct entry *provider_start_any(void);

/* The entry that was started first. */
struct entry *provider_primary(void);

/* True if the table entry was filled in by the provider. */
bool entry_has(const struct entry *entry, enum spi_function function);

/* Reads one slot of a proc table as a pointer. */
void *table_slot(const WSPPROC_TABLE *table, unsigned index);

/* What a slot holds before WSPStartup. */
void *table_poison(unsigned index);

/*
 * Makes a socket of the provider or ends the case: not applicable or inconclusive where the
 * provider has no such family or type.
 */
struct spi_socket *provider_socket(int family, int type, const char *name);

/* The flags of the sockets made from now on; WSA_FLAG_OVERLAPPED unless this is called. */
void provider_set_socket_flags(DWORD flags);

/* Registers a handle that the provider gave (from WSPAccept). */
struct spi_socket *provider_adopt(struct entry *entry, SOCKET handle, const char *name);

/* The sockets of the case, newest first. */
struct spi_socket *provider_sockets(void);

/*
 * Closes what is still open, cleans up as often as was started; judges each result. In a gate,
 * closing after a cancel is not judged: that is another gate's business, which comes later.
 */
void provider_clean_up(bool in_gate);

/*
 * Unloads the provider after that, unless it is still in use: by its own account, which is a failed
 * WSPCleanup, or because another thread of the client's is inside it.
 */
void provider_leave_library(void);

/* The gate that judges WSPCloseSocket after a cancelled call of this function. */
const char *gate_of_close_after(enum spi_function cancelled);

/* Leaves the clean-up out: a call is stuck in the provider, or the case did it itself. */
void provider_skip_clean_up(void);

/*
 * In place of the clean-up of the case: cleans up as often as was started, and judges nothing; the
 * outcome of the last time. Sockets are left open.
 */
struct outcome provider_clean_up_now(void);

/* Unloads the library, which was cleaned up; the next start-up loads it again. */
struct outcome provider_unload(void);

#endif
