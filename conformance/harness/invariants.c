#include "harness/invariants.h"

#include "harness/names.h"
#include "harness/network.h"
#include "harness/spi.h"

#include <stdio.h>

/*
 * Any call into the provider may only say WSAEINTR if a cancel made inside it, on its thread, had
 * returned 0 (S24). A close may end a call like that, too (G3), and so may a callback that answers
 * FALSE for another reason (CBC-22).
 */
static bool is_interrupted(const struct spi_call *call)
{
    return call->left != 0 && call->function != SPI_WSPCancelBlockingCall &&
           outcome_is_error(call->outcome, WSAEINTR) && !call->closed_meanwhile &&
           !call->answered_false;
}

static void judge_interruptions(void)
{
    static const char cancel_that_worked[] = "a WSPCancelBlockingCall inside it that returned 0";
    unsigned cancelled = 0;
    unsigned others = 0;
    char what[128];

    for (unsigned i = 0; spi_call_at(i) != NULL; i++) {
        const struct spi_call *call = spi_call_at(i);
        if (!is_interrupted(call)) {
            continue;
        }
        if (call->cancel_worked) {
            cancelled++;
            continue;
        }
        others++;
        snprintf(what, sizeof what, "what came before %s failed with WSAEINTR",
                 spi_function_name(call->function));
        expect_that(MUST("RACE-05"), false, what, cancel_that_worked,
                    call->cancelled ? "a WSPCancelBlockingCall that failed"
                                    : "no WSPCancelBlockingCall at all");
    }
    if (cancelled > 0 && others == 0) {
        expect_that(MUST("RACE-05"), true, "what came before each call that failed with WSAEINTR",
                    cancel_that_worked, "%u such calls", cancelled);
    }
}

/* Buffers belong to the client again once a call has returned (RECV-02). */
static void judge_buffers(void)
{
    for (const struct buffer *buffer = buffers(); buffer != NULL; buffer = buffer->next) {
        ptrdiff_t late = buffer_changed_late(buffer);
        if (!buffer_guards_hold(buffer)) {
            expect_that(MUST("RECV-02"), false, "memory beside what was given to the provider",
                        "untouched", "written to, beside %s", buffer->name);
        }
        if (late >= 0) {
            expect_that(MUST("RECV-02"), false, "memory of a call that has returned",
                        "untouched after the return", "%s changed at byte %td", buffer->name, late);
        }
    }
}

/* lpErrno points to one INT (CBC-04). */
static void judge_error_cells(void)
{
    for (unsigned i = 0; spi_call_at(i) != NULL; i++) {
        const struct spi_call *call = spi_call_at(i);
        char what[96];
        if (spi_error_guards_hold(call)) {
            continue;
        }
        snprintf(what, sizeof what, "memory beside *lpErrno of %s",
                 spi_function_name(call->function));
        expect_that(MUST("CBC-04"), false, what, "untouched", "written to");
    }
}

/* A healthy network subsystem is never reported as failed by a cancel (NETDOWN-01). */
static void judge_cancels(void)
{
    for (unsigned i = 0; spi_call_at(i) != NULL; i++) {
        const struct spi_call *call = spi_call_at(i);
        if (call->function == SPI_WSPCancelBlockingCall && call->left != 0 &&
            outcome_is_error(call->outcome, WSAENETDOWN) &&
            !network_was_down(call->entered, call->left)) {
            expect_that(MUST("NETDOWN-01"), false, "WSPCancelBlockingCall while the network is up",
                        "no WSAENETDOWN", "WSAENETDOWN (10050)");
        }
    }
}

void judge_all_calls(void)
{
    static bool judged;

    if (judged) {
        return;
    }
    judged = true;
    judge_interruptions();
    judge_buffers();
    judge_error_cells();
    judge_cancels();
}
