#include "variants/support/variant.h"

#include <string.h>

/*
 * As a layered provider has it: ws2_32 made one handle for the client, and another for the provider
 * beneath, and each call looks up both. The table is made of jumps in memory of its own, new ones
 * at each start-up. The callback is asked for at the beginning of each call that might need it.
 */
enum { PAIRS = 8192, JUMP = 16 };

static SRWLOCK lock = SRWLOCK_INIT;
static struct {
    SOCKET upper;
    SOCKET lower;
} pairs[PAIRS];

/* Under the lock: the place of the handle; with 0 a free one; -1 if there is none. */
static int place_of(SOCKET upper)
{
    for (int i = 0; i < PAIRS; i++) {
        if (pairs[i].upper == upper) {
            return i;
        }
    }
    return -1;
}

static SOCKET lower_of(SOCKET upper, bool forget)
{
    SOCKET lower = 0;
    int place;

    AcquireSRWLockExclusive(&lock);
    place = place_of(upper);
    if (upper != 0 && place >= 0) {
        lower = pairs[place].lower;
        if (forget) {
            pairs[place].upper = 0;
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return lower;
}

static SOCKET WSPAPI create(DWORD catalog, DWORD_PTR context, LPINT error)
{
    SOCKET lower = client.lpWPUCreateSocketHandle(catalog, context, error);
    SOCKET upper;
    int ignored;
    int place;

    if (lower == INVALID_SOCKET) {
        return INVALID_SOCKET;
    }
    upper = client.lpWPUCreateSocketHandle(catalog, context, error);
    if (upper == INVALID_SOCKET) {
        client.lpWPUCloseSocketHandle(lower, &ignored);
        return INVALID_SOCKET;
    }
    AcquireSRWLockExclusive(&lock);
    place = place_of(0);
    if (place >= 0) {
        pairs[place].upper = upper;
        pairs[place].lower = lower;
    }
    ReleaseSRWLockExclusive(&lock);
    if (place < 0) {
        client.lpWPUCloseSocketHandle(lower, &ignored);
    }
    return upper;
}

static int WSPAPI query_context(SOCKET s, PDWORD_PTR context, LPINT error)
{
    SOCKET lower;
    int returned = client.lpWPUQuerySocketHandleContext(s, context, error);

    if (returned != 0) {
        return returned;
    }
    lower = lower_of(s, false);
    return lower != 0 ? client.lpWPUQuerySocketHandleContext(lower, context, error) : 0;
}

static int WSPAPI close_handle(SOCKET s, LPINT error)
{
    SOCKET lower = lower_of(s, true);

    if (lower != 0) {
        client.lpWPUCloseSocketHandle(lower, error);
    }
    return client.lpWPUCloseSocketHandle(s, error);
}

static int ask_early(struct call *call)
{
    DWORD catalog = call->socket != INVALID_SOCKET ? catalog_of_socket(call->socket) : 0;
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
    int error;

    switch (call->entry) {
    case ENTRY_WSPAccept:
    case ENTRY_WSPConnect:
    case ENTRY_WSPRecv:
    case ENTRY_WSPRecvFrom:
    case ENTRY_WSPSend:
    case ENTRY_WSPSendTo:
    case ENTRY_WSPCloseSocket:
    case ENTRY_WSPIoctl:
        if (catalog != 0) {
            client.lpWPUQueryBlockingCallback(catalog, &callback, &context, &error);
        }
        break;
    default:
        break;
    }
    return 0;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCreateSocketHandle = create;
    upcalls->lpWPUQuerySocketHandleContext = query_context;
    upcalls->lpWPUCloseSocketHandle = close_handle;
}

/* jmp [rip + 0] and the address; or push and ret. */
static void write_jump(BYTE *jump, const void *entry)
{
#ifdef _WIN64
    static const BYTE code[] = {0xFF, 0x25, 0, 0, 0, 0};
    memcpy(jump, code, sizeof code);
    memcpy(jump + sizeof code, entry, sizeof(void *));
#else
    jump[0] = 0x68;
    memcpy(jump + 1, entry, sizeof(void *));
    jump[1 + sizeof(void *)] = 0xC3;
#endif
}

static void change_table(WSPPROC_TABLE *table)
{
    const size_t entries = sizeof *table / sizeof(void *);
    BYTE *code = VirtualAlloc(NULL, entries * JUMP, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    BYTE *pointer = (BYTE *)table;
    DWORD before;

    if (code == NULL) {
        return;
    }
    for (size_t i = 0; i < entries; i++) {
        write_jump(code + i * JUMP, pointer + i * sizeof(void *));
    }
    VirtualProtect(code, entries * JUMP, PAGE_EXECUTE_READ, &before);
    FlushInstructionCache(GetCurrentProcess(), code, entries * JUMP);
    for (size_t i = 0; i < entries; i++) {
        const BYTE *jump = code + i * JUMP;

        memcpy(pointer + i * sizeof(void *), &jump, sizeof jump);
    }
}

const struct variant variant = {
    .requirement = "UPC-01",
    .why_allowed = "each socket comes from WPUCreateSocketHandle and is closed once by "
                   "WPUCloseSocketHandle; that a provider has no handles but those no text says, "
                   "nor where its code lies, nor that it asks for a callback only when it blocks",
    .touches =
        "startup/* close/gives_the_handle_up/* upcall/* accept/cancelled_one_makes_no_handle/*",
    .before = ask_early,
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
