#include "harness/provider.h"

#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/imports.h"
#include "harness/names.h"
#include "harness/protocol.h"
#include "harness/spi.h"
#include "harness/upcall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The case that reports a start-up or a clean-up that does not work at all. */
static const char start_gate[] = "startup/starts";
static const char clean_up_gate[] = "startup/opens_closes_and_cleans_up";

static HMODULE library;
static LPWSPSTARTUP startup;
static struct entry entries[ENTRY_COUNT];
static struct entry *primary;
static struct spi_socket *sockets;
static bool clean_up_left_out;
static bool all_cleaned_up;
static DWORD socket_flags = WSA_FLAG_OVERLAPPED;
static WSPUPCALLTABLE (*upcalls_handed_out)(void) = upcall_table;
/* What the memory of the argument is overwritten with when WSPStartup has returned; or NULL. */
static WSPUPCALLTABLE (*upcalls_overwritten)(void);

struct entry *provider_entry(enum entry_kind kind)
{
    static const struct {
        int family;
        int type;
    } kinds[ENTRY_COUNT] = {
        [ENTRY_TCP4] = {AF_INET, SOCK_STREAM},
        [ENTRY_UDP4] = {AF_INET, SOCK_DGRAM},
        [ENTRY_TCP6] = {AF_INET6, SOCK_STREAM},
        [ENTRY_UDP6] = {AF_INET6, SOCK_DGRAM},
    };
    struct entry *entry = &entries[kind];

    entry->kind = kind;
    entry->family = kinds[kind].family;
    entry->type = kinds[kind].type;
    return entry;
}

enum entry_kind entry_for(int family, int type)
{
    if (family == AF_INET6) {
        return type == SOCK_DGRAM ? ENTRY_UDP6 : ENTRY_TCP6;
    }
    return type == SOCK_DGRAM ? ENTRY_UDP4 : ENTRY_TCP4;
}

static bool parse_guid(const char *text, GUID *guid)
{
    unsigned long a;
    unsigned b;
    unsigned c;
    unsigned d[8];
    const char *digits = *text == '{' ? text + 1 : text;

    if (sscanf(digits, "%8lx-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x", &a, &b, &c, &d[0], &d[1], &d[2],
               &d[3], &d[4], &d[5], &d[6], &d[7]) != 11) {
        return false;
    }
    guid->Data1 = a;
    guid->Data2 = (unsigned short)b;
    guid->Data3 = (unsigned short)c;
    for (int i = 0; i < 8; i++) {
        guid->Data4[i] = (unsigned char)d[i];
    }
    return true;
}

static void parse_chain(const char *text, WSAPROTOCOLCHAIN *chain)
{
    chain->ChainLen = 0;
    for (const char *at = text; *at != '\0' && chain->ChainLen < MAX_PROTOCOL_CHAIN;) {
        char *end;
        unsigned long id = strtoul(at, &end, 0);
        if (end == at) {
            break;
        }
        chain->ChainEntries[chain->ChainLen++] = id;
        at = *end == ',' ? end + 1 : end;
    }
}

static void apply_override(WSAPROTOCOL_INFOW *info, const struct protocol_override *override)
{
    const struct protocol_number *number = protocol_number_by_name(override->field);

    if (number != NULL) {
        DWORD value = (DWORD)strtoul(override->value, NULL, 0);
        memcpy((char *)info + number->offset, &value, sizeof value);
        return;
    }
    if (strcmp(override->field, "name") == 0) {
        MultiByteToWideChar(CP_UTF8, 0, override->value, -1, info->szProtocol,
                            ARRAYSIZE(info->szProtocol));
    } else if (strcmp(override->field, "provider_id") == 0) {
        parse_guid(override->value, &info->ProviderId);
    } else if (strcmp(override->field, "chain") == 0) {
        parse_chain(override->value, &info->ProtocolChain);
    }
}

WSAPROTOCOL_INFOW provider_protocol_info(enum entry_kind kind)
{
    static const GUID provider_id = {
        0x6e8f2b4c, 0x51d7, 0x4a0e, {0x9c, 0x3a, 0x27, 0x5b, 0x80, 0xd1, 0x44, 0xe6}};
    static const WCHAR *const names[ENTRY_COUNT] = {L"wspcts TCP/IPv4", L"wspcts UDP/IPv4",
                                                    L"wspcts TCP/IPv6", L"wspcts UDP/IPv6"};
    const struct entry *entry = provider_entry(kind);
    bool stream = entry->type == SOCK_STREAM;
    bool ipv6 = entry->family == AF_INET6;
    WSAPROTOCOL_INFOW info = {
        .dwServiceFlags1 = stream ? XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER |
                                        XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA
                                  : XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED |
                                        XP1_SUPPORT_BROADCAST | XP1_SUPPORT_MULTIPOINT,
        .dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO | PFL_MULTIPLE_PROTO_ENTRIES,
        .ProviderId = provider_id,
        .dwCatalogEntryId = 5001 + (DWORD)kind,
        .ProtocolChain = {.ChainLen = BASE_PROTOCOL},
        .iVersion = 2,
        .iAddressFamily = entry->family,
        .iMaxSockAddr = ipv6 ? (int)sizeof(struct sockaddr_in6) : (int)sizeof(struct sockaddr_in),
        .iMinSockAddr = ipv6 ? (int)sizeof(struct sockaddr_in6) : (int)sizeof(struct sockaddr_in),
        .iSocketType = entry->type,
        .iProtocol = stream ? IPPROTO_TCP : IPPROTO_UDP,
        .iNetworkByteOrder = BIGENDIAN,
        .iSecurityScheme = SECURITY_PROTOCOL_NONE,
        .dwMessageSize = stream ? 0 : 65507,
    };

    wcscpy(info.szProtocol, names[kind]);
    for (unsigned i = 0; i < settings.overrides; i++) {
        const struct protocol_override *override = &settings.override[i];
        if (override->entry < 0 || override->entry == (int)kind) {
            apply_override(&info, override);
        }
    }
    return info;
}

void provider_load(void)
{
    char path[3 * MAX_PATH] = "";
    struct spi_call *call;
    DWORD error;
    char text[64];

    if (library != NULL) {
        return;
    }
    WideCharToMultiByte(CP_UTF8, 0, settings.provider_path, -1, path, (int)sizeof path, NULL, NULL);
    call = spi_enter(SPI_LoadLibrary, NULL, "%s", path);
    imports_watch_loading();
    guard_watch_loading();
    library = LoadLibraryExW(settings.provider_path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    error = library == NULL ? GetLastError() : 0;
    guard_loading_ended(error);
    spi_leave(call, OUTCOME_CODE, library == NULL, (INT_PTR)error);
    require_that(NEEDED("provider"), library != NULL, "LoadLibrary of the provider", "a module",
                 "%s", library != NULL ? "a module" : error_text(text, sizeof text, (int)error));
    imports_redirect();
    startup = (LPWSPSTARTUP)(void (*)(void))GetProcAddress(library, "WSPStartup");
    require_that(MUST("STARTUP-01"), startup != NULL, "the provider's exports", "WSPStartup",
                 "no WSPStartup");
}

FARPROC provider_export(const char *name)
{
    provider_load();
    return GetProcAddress(library, name);
}

void *table_slot(const WSPPROC_TABLE *table, unsigned index)
{
    void *slot;

    memcpy(&slot, (const char *)table + index * sizeof slot, sizeof slot);
    return slot;
}

void *table_poison(unsigned index)
{
    /* No two slots alike, and none of them an address that can be called. */
    return (void *)(uintptr_t)(0x0BAD0000U + index);
}

static void poison_table(WSPPROC_TABLE *table)
{
    for (unsigned i = 0; i < SPI_TABLE_SIZE; i++) {
        void *poison = table_poison(i);
        memcpy((char *)table + i * sizeof poison, &poison, sizeof poison);
    }
}

bool entry_has(const struct entry *entry, enum spi_function function)
{
    void *slot = table_slot(&entry->table, (unsigned)function);

    return slot != NULL && slot != table_poison((unsigned)function);
}

#ifdef _WIN64
/* On x64 a table by value is the address of a copy, which here lies where it can be overwritten. */
static int call_and_overwrite(struct entry *entry, WORD version)
{
    typedef int(WSPAPI * with_address)(WORD, LPWSPDATA, LPWSAPROTOCOL_INFOW, WSPUPCALLTABLE *,
                                       LPWSPPROC_TABLE);
    with_address function = (with_address)(void (*)(void))startup;
    WSPUPCALLTABLE *argument = malloc(sizeof *argument); /* a provider may go on looking there */
    int code;

    if (argument == NULL) {
        stop_case(BROKEN("environment"), "memory for an upcall table", "some", "none");
    }
    *argument = upcalls_handed_out();
    code = function(version, &entry->data, &entry->info, argument, &entry->table);
    *argument = upcalls_overwritten();
    return code;
}
#else
/* On x86 the table lay on the stack, where the next calls lie; this one is deeper than it was. */
static void __attribute__((noinline)) overwrite_stack(void)
{
    volatile uintptr_t dead[512];

    for (unsigned i = 0; i < ARRAYSIZE(dead); i++) {
        dead[i] = (uintptr_t)table_poison(i);
    }
}
#endif

/* On x86 it is the one called who takes the arguments from the stack: what it takes is measured. */
static int call_startup(struct entry *entry, WORD version)
{
#ifdef _WIN64
    entry->popped = -1;
    if (upcalls_overwritten != NULL) {
        return call_and_overwrite(entry, version);
    }
    return startup(version, &entry->data, &entry->info, upcalls_handed_out(), &entry->table);
#else
    struct {
        DWORD version;
        LPWSPDATA data;
        LPWSAPROTOCOL_INFOW info;
        WSPUPCALLTABLE upcalls;
        LPWSPPROC_TABLE table;
    } arguments = {version, &entry->data, &entry->info, upcalls_handed_out(), &entry->table};
    const void *from = &arguments;
    int code = (int)startup;
    int left;

    _Static_assert(sizeof arguments == 76, "as the asm below has it");
    __asm__ volatile("movl %%esp, %%ebx\n\t"
                     "subl $76, %%esp\n\t"
                     "movl %%esp, %%edi\n\t"
                     "movl $19, %%ecx\n\t"
                     "cld\n\t"
                     "rep movsl\n\t"
                     "call *%%eax\n\t"
                     "movl %%ebx, %%edx\n\t"
                     "subl %%esp, %%edx\n\t"
                     "movl %%ebx, %%esp"
                     : "+a"(code), "=&d"(left), "+S"(from)
                     :
                     : "ebx", "ecx", "edi", "memory", "cc");
    entry->popped = 76 - left;
    if (upcalls_overwritten != NULL) {
        overwrite_stack();
    }
    return code;
#endif
}

void provider_hand_out(WSPUPCALLTABLE (*table)(void))
{
    upcalls_handed_out = table;
}

void provider_overwrite_upcalls(WSPUPCALLTABLE (*with)(void))
{
    upcalls_overwritten = with;
}

struct outcome provider_startup(struct entry *entry, WORD version)
{
    struct spi_call *call;
    int code;

    provider_load();
    entry->info = provider_protocol_info(entry->kind);
    memset(&entry->data, 0, sizeof entry->data);
    if (entry->started == 0) {
        poison_table(&entry->table);
    }
    call = spi_enter(SPI_WSPStartup, entry, "version %u.%u, entry %s (%lu)", LOBYTE(version),
                     HIBYTE(version), entry_name(entry->kind), entry->info.dwCatalogEntryId);
    code = call_startup(entry, version);
    entry->startup = spi_leave(call, OUTCOME_CODE, code != 0, code);
    imports_redirect(); /* a layered provider has loaded the one below it by now */
    if (code == 0) {
        struct evidence_line line;
        char description[sizeof entry->data.szDescription * 2];
        entry->started++;
        entry->data.szDescription[WSPDESCRIPTION_LEN] = 0;
        WideCharToMultiByte(CP_UTF8, 0, entry->data.szDescription, -1, description,
                            (int)sizeof description, NULL, NULL);
        evidence_begin(&line, "note");
        evidence_text(&line, "topic", "provider");
        evidence_text(&line, "text", "started");
        evidence_text(&line, "description", description);
        evidence_format(&line, "version", "%u.%u", LOBYTE(entry->data.wVersion),
                        HIBYTE(entry->data.wVersion));
        evidence_format(&line, "high_version", "%u.%u", LOBYTE(entry->data.wHighVersion),
                        HIBYTE(entry->data.wHighVersion));
        evidence_end(&line);
        if (primary == NULL) {
            primary = entry;
        }
    }
    return entry->startup;
}

static bool table_is_empty(const struct entry *entry)
{
    for (unsigned i = 0; i < SPI_TABLE_SIZE; i++) {
        if (entry_has(entry, (enum spi_function)i)) {
            return false;
        }
    }
    return true;
}

static void require_table(const struct entry *entry)
{
    require_that(resting_on(MUST("STARTUP-04"), start_gate), !table_is_empty(entry),
                 "the proc table after WSPStartup returned 0", "30 functions", "none at all");
    prove(PROOF_STARTED, "WSPStartup for %s returned 0", entry_name(entry->kind));
}

static struct demand lacking(enum entry_kind kind)
{
    return settings.claimed_absent[kind] ? OFFERED : NEEDED("provider");
}

void provider_start(struct entry *entry)
{
    char what[64];

    if (entry->started > 0) {
        return;
    }
    provider_startup(entry, MAKEWORD(2, 2));
    snprintf(what, sizeof what, "WSPStartup for %s", entry_name(entry->kind));
    require_outcome(resting_on(lacking(entry->kind), start_gate), what, entry->startup,
                    ONE_OF(RETURNS(0)));
    require_table(entry);
}

struct entry *provider_start_any(void)
{
    struct outcome last = {.kind = OUTCOME_CODE, .failed = true};

    for (int kind = 0; kind < ENTRY_COUNT; kind++) {
        struct entry *entry = provider_entry((enum entry_kind)kind);
        last = entry->started > 0 ? entry->startup : provider_startup(entry, MAKEWORD(2, 2));
        if (!last.failed) {
            require_table(entry);
            return entry;
        }
    }
    require_outcome(NEEDED("provider"), "WSPStartup, for each entry in turn", last,
                    ONE_OF(RETURNS(0)));
    return NULL;
}

struct entry *provider_primary(void)
{
    return primary;
}

struct spi_socket *provider_adopt(struct entry *entry, SOCKET handle, const char *name)
{
    struct spi_socket *socket = calloc(1, sizeof *socket);

    socket->name = name;
    socket->handle = handle;
    socket->entry = entry;
    socket->open = true;
    socket->next = sockets;
    sockets = socket;
    return socket;
}

struct spi_socket *provider_socket(int family, int type, const char *name)
{
    struct entry *entry = provider_entry(entry_for(family, type));
    struct outcome outcome;
    SOCKET handle;
    char what[64];

    provider_start(entry);
    outcome = spi_socket(entry, socket_flags, &handle);
    snprintf(what, sizeof what, "WSPSocket for %s", entry_name(entry->kind));
    require_outcome(lacking(entry->kind), what, outcome, ONE_OF(SUCCEEDS));
    return provider_adopt(entry, handle, name);
}

void provider_set_socket_flags(DWORD flags)
{
    socket_flags = flags;
}

struct spi_socket *provider_sockets(void)
{
    return sockets;
}

void provider_skip_clean_up(void)
{
    clean_up_left_out = true;
}

const char *gate_of_close_after(enum spi_function cancelled)
{
    switch (cancelled) {
    case SPI_WSPConnect:
        return "close/works_after_a_cancel/connect_ipv4";
    case SPI_WSPSend:
        return "close/works_after_a_cancel/send_ipv4";
    case SPI_WSPRecvFrom:
        return "close/works_after_a_cancel/recvfrom_ipv4";
    default:
        return "close/works_after_a_cancel/recv_ipv4";
    }
}

/* Nobody waits for what a case has left unsent on purpose. */
static void linger_no_more(struct spi_socket *socket)
{
    struct linger zero = {.l_onoff = 1, .l_linger = 0};

    if (socket->lingers) {
        spi_set_option(socket, SOL_SOCKET, SO_LINGER, &zero, sizeof zero);
    }
}

/* Only closing is sure after a cancel (S18); a socket that was spared has all the more to close. */
static void close_sockets(bool in_gate)
{
    for (struct spi_socket *socket = sockets; socket != NULL; socket = socket->next) {
        bool cancelled = socket->close_gate != NULL;
        struct outcome closed;
        if (!socket->open || socket->entry->started == 0) {
            continue;
        }
        linger_no_more(socket);
        closed = spi_close(socket);
        if (cancelled && in_gate) {
            continue;
        }
        expect_outcome(cancelled ? resting_on(MUST("PCS-02"), socket->close_gate)
                                 : resting_on(MUST("UPC-01"), clean_up_gate),
                       cancelled ? "WSPCloseSocket after a cancelled call"
                                 : "WSPCloseSocket of an open socket",
                       closed, ONE_OF(RETURNS(0)));
    }
}

void provider_clean_up(bool in_gate)
{
    bool all_clean = true;

    if (clean_up_left_out) {
        return;
    }
    close_sockets(in_gate);
    for (int kind = 0; kind < ENTRY_COUNT; kind++) {
        struct entry *entry = &entries[kind];
        while (entry->started > 0) {
            entry->started--;
            all_clean = expect_outcome(resting_on(MUST("STARTUP-08"), clean_up_gate),
                                       "WSPCleanup for a successful WSPStartup", spi_cleanup(entry),
                                       ONE_OF(RETURNS(0))) &&
                        all_clean;
        }
    }
    all_cleaned_up = all_clean;
}

/* True if a thread of the client's, this one left out, is in a call into the provider. */
static bool another_thread_is_inside(void)
{
    const struct harness_thread *thread;

    for (unsigned i = 0; (thread = thread_at(i)) != NULL; i++) {
        if (thread->innermost != NULL && thread != thread_current()) {
            return true;
        }
    }
    return false;
}

void provider_leave_library(void)
{
    /* A provider that says it could not clean up has not said that it can be unloaded. */
    if (all_cleaned_up && library != NULL && !another_thread_is_inside()) {
        provider_unload();
    }
}

struct outcome provider_unload(void)
{
    struct spi_call *call = spi_enter(SPI_FreeLibrary, NULL, "%s", "");
    BOOL freed = FreeLibrary(library);

    library = NULL;
    return spi_leave(call, OUTCOME_CODE, !freed, freed ? 0 : (INT_PTR)GetLastError());
}

struct outcome provider_clean_up_now(void)
{
    struct outcome last = {.failed = true};

    provider_skip_clean_up();
    for (int kind = 0; kind < ENTRY_COUNT; kind++) {
        struct entry *entry = provider_entry((enum entry_kind)kind);
        while (entry->started > 0) {
            entry->started--;
            last = spi_cleanup(entry);
        }
    }
    return last;
}
