#include "harness/case.h"

#include <stdio.h>

/* The first callback of a call, and later ones. */
enum { SEVERAL = 3 };

/* It fills a DWORD_PTR, and neither half of it can stand for the whole. */
#ifdef _WIN64
#define WIDE_CONTEXT 0xFEDCBA9876543210
#else
#define WIDE_CONTEXT 0xFEDCBA98
#endif

#define WIDE_ROW(call, spi, version, address_family)                                               \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = RESTS_ON_RELEASED(call),                                                          \
     .variant = (intptr_t)WIDE_CONTEXT},

#define ZERO_ROW(call, spi, version, address_family)                                               \
    {.name = #call "_ipv" #version "_zero",                                                        \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = RESTS_ON_RELEASED(call),                                                          \
     .variant = 0},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(WIDE_ROW)
                                            SIX_CALLS_BOTH_FAMILIES(ZERO_ROW){.name = NULL}};

static bool expect_context(const struct spi_call *record, DWORD_PTR context)
{
    char wanted[32];
    bool met = true;

    snprintf(wanted, sizeof wanted, "0x%llx", (unsigned long long)context);
    for (LONG i = 0; met && i < record->callbacks && i < CALLBACKS_RECORDED; i++) {
        met = expect_that(MUST("BHK-03"), record->callback[i].context == context,
                          "the context that the blocking callback got", wanted, "0x%llx",
                          (unsigned long long)record->callback[i].context);
    }
    return met;
}

/*
 * BHK-03 (WPUQueryBlockingCallback): the context that was given out with the blocking callback is
 * handed to it as it is, a whole DWORD_PTR, whatever its value.
 */
static void gets_its_context(const struct case_row *row)
{
    struct client *t1 = client_start("T1");
    DWORD_PTR contexts[] = {(DWORD_PTR)row->variant, ~(DWORD_PTR)row->variant};

    /* Twice: the same callback may have another context the next time. */
    for (unsigned i = 0; i < ARRAYSIZE(contexts); i++) {
        /* A socket on which the call can only wait; the thread's callback has this context. */
        struct stage *stage = arrange_blocked(row->function, row->family);
        struct blocked_call *call;
        callback_set(client_thread(t1), 0, contexts[i]);

        /* The call blocks until it has been called back several times. */
        call = start_call(t1, &stage->operation, goes_on_until(&stage->operation, SEVERAL));
        prove_blocked(call, 1);
        wait_for_callback(call, SEVERAL, settings.budgets.hook);
        release_call(call);

        /* Each time the callback got what it was to get. */
        if (!expect_context(call_record(call), contexts[i])) {
            return;
        }
    }
}

CASE(callback, gets_its_context) = {
    .run = gets_its_context,
    .function = FROM_ROW,
    .requirements = "BHK-03",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "lets the call block with a callback whose context fills a DWORD_PTR, or is zero",
    .must = "the callback gets that very context",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
