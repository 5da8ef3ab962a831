/* What the command line says about one run: mode, seed, budgets, addresses, claims
 * (docs/protocol.md). */
#ifndef WSPCTS_HARNESS_SETTINGS_H
#define WSPCTS_HARNESS_SETTINGS_H

#include "harness/winsock.h"

enum drive_mode {
    MODE_DIRECT = 1, /* cancels through the proc table whenever the case says */
    MODE_WS2_32 = 2, /* as ws2_32 does: inside the callback, once; FALSE if and only if it worked */
    MODE_NO_CALLBACK = 4 /* WPUQueryBlockingCallback yields NULL */
};

/* The catalog entries a case may stand on; each is one start-up of the provider. */
enum entry_kind { ENTRY_TCP4, ENTRY_UDP4, ENTRY_TCP6, ENTRY_UDP6, ENTRY_COUNT };

struct budgets {
    DWORD hook;   /* call entered -> first callback, ms */
    DWORD cancel; /* callback returned -> call returned, ms */
    DWORD data;   /* a peer's event is seen, ms */
    DWORD quiet;  /* how long a call without callbacks stays unreturned to count as blocked, ms */
    DWORD late;   /* late release after a cancelled connect, ms */
    DWORD whole;  /* the whole case, ms */
};

/* What a provider may lack of what has no catalog entry of its own. */
enum feature {
    FEATURE_OVERLAPPED,
    FEATURE_ADDRESS_LIST_CHANGE,
    FEATURE_ROUTING_INTERFACE_CHANGE,
    FEATURE_COUNT
};

enum peer_choice { PEER_AUTO, PEER_SYSTEM, PEER_PROVIDER };

/* What a function has whose fuse has blown, in ms. */
enum { FUSED_MS = 1000 };

enum { ADDRESS_TEXT_SIZE = 80, PROTOCOL_OVERRIDES = 96, NETWORK_TEXT_SIZE = 520 };

struct settings {
    const wchar_t *provider_path;
    char run[64];
    enum drive_mode mode;
    unsigned seed;
    bool debug; /* no deadlines */
    struct budgets budgets;
    char local4[ADDRESS_TEXT_SIZE];
    char second4[ADDRESS_TEXT_SIZE];
    char local6[ADDRESS_TEXT_SIZE];
    char second6[ADDRESS_TEXT_SIZE];
    char unresponsive4[ADDRESS_TEXT_SIZE]; /* empty: none */
    char unresponsive6[ADDRESS_TEXT_SIZE];
    bool claimed_absent[ENTRY_COUNT];
    bool claimed_lacking[FEATURE_COUNT];
    enum peer_choice peer;
    /* How the provider's network is brought down and up; all of them empty: in no way. */
    char network_down[NETWORK_TEXT_SIZE];
    char network_up[NETWORK_TEXT_SIZE];
    char network_function[NETWORK_TEXT_SIZE];
    /* In a process that is to be killed: the event to set at that point (harness/forerunner.h). */
    HANDLE forerunner;
    char forerunner_address[ADDRESS_TEXT_SIZE];
    bool fused[SPI_FUNCTION_COUNT]; /* has one second instead of its budgets */
    unsigned overrides;             /* of the protocol info */
    struct protocol_override {
        int entry; /* an entry_kind, or -1 for all */
        char field[24];
        char value[300];
    } override[PROTOCOL_OVERRIDES];
};

/* The settings of this process: one process runs one case. */
extern struct settings settings;

void settings_set_defaults(void);

/*
 * Takes one KEY=VALUE of --set. On a mistake false, and one sentence that names it in `complaint`.
 */
bool settings_set(const char *assignment, char *complaint, size_t size);

bool settings_mode_by_name(const char *name, enum drive_mode *mode);
const char *drive_mode_name(enum drive_mode mode);
const char *entry_name(enum entry_kind entry);

/* Parses "127.0.0.1", "::1", "ADDRESS:PORT" or "[ADDRESS]:PORT"; 0 if it is none, else its length.
 */
int parse_address(const char *text, struct sockaddr_storage *address);

#endif
