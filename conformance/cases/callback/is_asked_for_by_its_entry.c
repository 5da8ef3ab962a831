#include "harness/case.h"

#include <stdio.h>

enum { THE_ONLY_ENTRY, ONE_OF_SEVERAL_ENTRIES };

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = RESTS_ON_RELEASED(call),                                                          \
     .variant = THE_ONLY_ENTRY},

#define ROW_OF_SEVERAL(call, spi, version, address_family)                                         \
    {.name = #call "_ipv" #version "_of_several",                                                  \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = RESTS_ON_RELEASED(call),                                                          \
     .variant = ONE_OF_SEVERAL_ENTRIES},

/* With several entries a call on each of them. */
#define A_CALL_FOR_EACH_ENTRY(X)                                                                   \
    X(recv, WSPRecv, 4, AF_INET)                                                                   \
    X(recvfrom, WSPRecvFrom, 4, AF_INET)                                                           \
    X(recv, WSPRecv, 6, AF_INET6)                                                                  \
    X(recvfrom, WSPRecvFrom, 6, AF_INET6)

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW)
                                            A_CALL_FOR_EACH_ENTRY(ROW_OF_SEVERAL){.name = NULL}};

/* What fails is left out: a provider need not have all of them. */
static void start_every_entry(void)
{
    for (int kind = 0; kind < ENTRY_COUNT; kind++) {
        if (!settings.claimed_absent[kind] && provider_entry((enum entry_kind)kind)->started == 0) {
            provider_startup(provider_entry((enum entry_kind)kind), MAKEWORD(2, 2));
        }
    }
}

static bool is_in_chain(const WSAPROTOCOLCHAIN *chain, DWORD id)
{
    for (int i = 0; i < chain->ChainLen && i < MAX_PROTOCOL_CHAIN; i++) {
        if (chain->ChainEntries[i] == id) {
            return true;
        }
    }
    return false;
}

static bool is_started(DWORD id)
{
    for (int kind = 0; kind < ENTRY_COUNT; kind++) {
        const struct entry *entry = provider_entry((enum entry_kind)kind);
        if (entry->started > 0 && entry->info.dwCatalogEntryId == id) {
            return true;
        }
    }
    return false;
}

/*
 * BHK-04 (WPUQueryBlockingCallback): who asks for the blocking callback says who it is, by the
 * catalog entry it was started with. Which one, of several, is not laid down.
 */
static void is_asked_for_by_its_entry(const struct case_row *row)
{
    /* A socket on which the call can only wait; its entry is the only one, or one of several. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    const WSAPROTOCOL_INFOW *info = &stage->socket->entry->info;
    const struct spi_call *record;
    struct blocked_call *call;
    char wanted[64];

    if (row->variant == ONE_OF_SEVERAL_ENTRIES) {
        start_every_entry();
    }

    /* The call blocks until it is called back, so it has asked for its callback. */
    call = start_call(t1, &stage->operation, goes_on_until(&stage->operation, 1));
    prove_blocked(call, 1);
    release_call(call);
    record = call_record(call);
    require_that(NEEDED("provider"), record->queries > 0,
                 "WPUQueryBlockingCallback on the thread of the blocked call", "called",
                 "not called");

    /* A layered provider may know itself by another entry of its chain. */
    require_holds(NEEDED("provider"),
                  record->queried_entry == info->dwCatalogEntryId ||
                      info->ProtocolChain.ChainLen <= 1 ||
                      !is_in_chain(&info->ProtocolChain, record->queried_entry),
                  "the entry that the layered provider asks with", "its own",
                  "another one of its chain: %lu", record->queried_entry);

    /* It asked with the id it was given. */
    snprintf(wanted, sizeof wanted, "%lu%s", info->dwCatalogEntryId,
             row->variant == ONE_OF_SEVERAL_ENTRIES ? ", or another one it was started with" : "");
    expect_that(MUST("BHK-04"), is_started(record->queried_entry),
                "the catalog entry passed to WPUQueryBlockingCallback", wanted, "%lu",
                record->queried_entry);
    if (row->variant == ONE_OF_SEVERAL_ENTRIES && is_started(record->queried_entry)) {
        record_choice("of several entries, asks for the callback with %s",
                      record->queried_entry == info->dwCatalogEntryId
                          ? "that of the socket"
                          : "another than that of the socket");
    }
}

CASE(callback, is_asked_for_by_its_entry) = {
    .run = is_asked_for_by_its_entry,
    .function = FROM_ROW,
    .requirements = "BHK-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets the call block on a socket of the only entry that was started, or of several",
    .must = "WPUQueryBlockingCallback gets the catalog id of an entry that was started",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
