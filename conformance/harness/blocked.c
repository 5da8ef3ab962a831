#include "harness/blocked.h"

#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The case that reports an idle cancel which is wrong in every situation. */
static const char idle_gate[] = "cancel/idle_after_startup";
/* The case that reports a blocking callback which no call ever calls. */
static const char callback_gate[] = "callback/is_called_at_all";

struct blocked_call {
    struct blocked_call *next;
    struct client *client;
    struct operation *operation;
    struct callback_script script;
    struct spi_call *volatile spi;
    HANDLE progress; /* a callback began or ended, or holds still */
    HANDLE returned;
    HANDLE let_go;           /* a callback that holds still may go on */
    volatile LONG held;      /* it does or did hold still */
    volatile LONG held_long; /* and went on by itself */
    struct outcome outcome;
    struct outcome cancel;
    volatile LONG cancels;
    unsigned cancelled_at; /* the callback in which the last of them was made */
    unsigned calls_before; /* calls into the provider made by then */
    bool rescued;
};

static struct blocked_call *all;

static DWORD budget(const struct blocked_call *call, DWORD milliseconds)
{
    if (settings.debug) {
        return INFINITE;
    }
    if (settings.fused[call->operation->function] && milliseconds > FUSED_MS) {
        return FUSED_MS;
    }
    return milliseconds;
}

static const char *function_name(const struct blocked_call *call)
{
    return spi_function_name(call->operation->function);
}

static void make_call(void *argument)
{
    struct blocked_call *call = argument;
    struct harness_thread *thread = thread_current();
    struct outcome outcome;

    call->calls_before = spi_calls_made();
    thread->blocked = call;
    outcome = operation_perform(call->operation);
    thread->blocked = NULL;
    call->outcome = outcome;
    SetEvent(call->returned);
}

struct blocked_call *start_call(struct client *client, struct operation *operation,
                                struct callback_script script)
{
    struct blocked_call *call = calloc(1, sizeof *call);

    call->client = client;
    call->operation = operation;
    call->script = script;
    call->progress = CreateEventW(NULL, FALSE, FALSE, NULL);
    call->returned = CreateEventW(NULL, TRUE, FALSE, NULL);
    call->let_go = CreateEventW(NULL, TRUE, FALSE, NULL);
    guard_handle(call->progress);
    guard_handle(call->returned);
    guard_handle(call->let_go);
    call->next = all;
    all = call;
    client_post(client, make_call, call);
    return call;
}

bool blocked_owns(const struct blocked_call *blocked, const struct spi_call *call)
{
    /* The call itself, not one that its callback makes. */
    if (call->outer != NULL || call->function != blocked->operation->function) {
        return false;
    }
    ((struct blocked_call *)blocked)->spi = (struct spi_call *)call;
    return true;
}

const struct callback_script *blocked_script(const struct blocked_call *blocked)
{
    return &blocked->script;
}

void blocked_progress(struct blocked_call *blocked)
{
    SetEvent(blocked->progress);
}

/* On the thread of the callback. Nothing that goes wrong on the main thread may leave it here. */
void blocked_hold(struct blocked_call *blocked)
{
    InterlockedExchange(&blocked->held, 1);
    SetEvent(blocked->progress);
    if (WaitForSingleObject(blocked->let_go, settings.debug ? INFINITE : settings.budgets.data) !=
        WAIT_OBJECT_0) {
        InterlockedExchange(&blocked->held_long, 1);
    }
}

void blocked_note_cancel(struct blocked_call *blocked, struct outcome outcome)
{
    blocked->cancel = outcome;
    blocked->cancelled_at = call_callbacks(blocked);
    InterlockedIncrement(&blocked->cancels);
}

bool call_returned(const struct blocked_call *call)
{
    return WaitForSingleObject(call->returned, 0) == WAIT_OBJECT_0;
}

struct outcome call_outcome(const struct blocked_call *call)
{
    return call->outcome;
}

/* The record of the call into the provider, found by its thread if no callback has told it yet. */
struct spi_call *call_record(const struct blocked_call *call)
{
    struct spi_call *record = call->spi;

    for (unsigned i = 0; record == NULL && spi_call_at(i) != NULL; i++) {
        struct spi_call *candidate = spi_call_at(i);
        if (candidate->number > call->calls_before &&
            candidate->thread == client_thread(call->client) && candidate->outer == NULL) {
            record = candidate;
        }
    }
    return record;
}

unsigned call_callbacks(const struct blocked_call *call)
{
    const struct spi_call *record = call->spi;

    return record != NULL ? (unsigned)record->callbacks : 0;
}

struct outcome call_cancel_outcome(const struct blocked_call *call)
{
    return call->cancel;
}

unsigned call_cancels(const struct blocked_call *call)
{
    return (unsigned)call->cancels;
}

/* What a wait for the call came to; a thread that has ended ends the case. */
enum event { RETURNED, PROGRESS, NOTHING };

static enum event wait_for_event(const struct blocked_call *call, DWORD milliseconds)
{
    HANDLE handles[] = {call->returned, call->progress, client_handle(call->client)};

    switch (WaitForMultipleObjects(3, handles, FALSE, milliseconds)) {
    case WAIT_OBJECT_0:
        return RETURNED;
    case WAIT_OBJECT_0 + 1:
        return PROGRESS;
    case WAIT_OBJECT_0 + 2:
        guard_thread_ended(client_thread(call->client));
    default:
        return NOTHING;
    }
}

static DWORD time_left(int64_t deadline)
{
    int64_t left = deadline - evidence_now();

    return left > 0 ? (DWORD)((left + 999) / 1000) : 0;
}

static bool turn_began(const struct blocked_call *call, unsigned nth)
{
    return call_callbacks(call) >= nth;
}

static bool turn_ended(const struct blocked_call *call, unsigned nth)
{
    const struct spi_call *record = call->spi;

    if (record == NULL || call_callbacks(call) < nth) {
        return false;
    }
    return nth > CALLBACKS_RECORDED || call_callbacks(call) > nth ||
           record->callback[nth - 1].left != 0;
}

static bool cancelling_turn_ended(const struct blocked_call *call, unsigned nth)
{
    (void)nth;
    return call->cancels > 0 && turn_ended(call, call->cancelled_at);
}

static bool turn_holds(const struct blocked_call *call, unsigned nth)
{
    (void)nth;
    return call->held != 0;
}

static bool wait_for_turn(struct blocked_call *call, unsigned nth, DWORD milliseconds,
                          bool (*reached)(const struct blocked_call *, unsigned))
{
    DWORD allowed = budget(call, milliseconds);
    int64_t deadline = evidence_now() + (int64_t)allowed * 1000;

    while (!reached(call, nth)) {
        DWORD left = allowed == INFINITE ? INFINITE : time_left(deadline);
        enum event event = wait_for_event(call, left);
        if (event == RETURNED || event == NOTHING) {
            return reached(call, nth);
        }
    }
    return true;
}

bool wait_for_callback(struct blocked_call *call, unsigned nth, DWORD milliseconds)
{
    return wait_for_turn(call, nth, milliseconds, turn_began);
}

bool wait_for_callback_end(struct blocked_call *call, unsigned nth, DWORD milliseconds)
{
    return wait_for_turn(call, nth, milliseconds, turn_ended);
}

static bool has_asked(const struct blocked_call *call, unsigned nth)
{
    const struct spi_call *record = call_record(call);

    return record != NULL && record->queries >= (LONG)nth;
}

bool wait_for_query(struct blocked_call *call, DWORD milliseconds)
{
    return wait_for_turn(call, 1, milliseconds, has_asked);
}

bool wait_for_return(struct blocked_call *call, DWORD milliseconds)
{
    DWORD allowed = budget(call, milliseconds);
    HANDLE handles[] = {call->returned, client_handle(call->client)};

    switch (WaitForMultipleObjects(2, handles, FALSE, allowed)) {
    case WAIT_OBJECT_0:
        return true;
    case WAIT_OBJECT_0 + 1:
        guard_thread_ended(client_thread(call->client));
    default:
        return false;
    }
}

static void prove_by_silence(struct blocked_call *call)
{
    char text[128];
    char what[96];

    if (wait_for_return(call, settings.budgets.quiet)) {
        snprintf(what, sizeof what, "%s blocks (G1)", function_name(call));
        stop_case(NEEDED("environment"), what, "no return while nothing lets it complete",
                  outcome_text(text, sizeof text, call->outcome));
    }
    prove(PROOF_BLOCKED, "%s did not return for %lu ms", function_name(call),
          settings.budgets.quiet);
}

static void stop_unproved(struct blocked_call *call, unsigned nth) __attribute__((noreturn));

/* The `nth` callback did not come: the call returned before (G1), or it blocks without (G2). */
static void stop_unproved(struct blocked_call *call, unsigned nth)
{
    char what[128];
    char text[128];

    if (call_returned(call)) {
        snprintf(what, sizeof what, "%s blocks (G1)", function_name(call));
        stop_case(NEEDED("environment"), what, "no return while nothing lets it complete",
                  outcome_text(text, sizeof text, call->outcome));
    }
    rescue(call);
    snprintf(what, sizeof what, "the blocking callback during %s, within %lu ms (G2)",
             function_name(call), budget(call, settings.budgets.hook));
    snprintf(text, sizeof text, "call number %u", nth);
    stop_case(resting_on(NEEDED("provider"), callback_gate), what, text,
              call_callbacks(call) == 0 ? "no call of it" : "fewer calls of it");
}

void prove_blocked(struct blocked_call *call, unsigned nth)
{
    if (settings.mode == MODE_NO_CALLBACK) {
        prove_by_silence(call);
        return;
    }
    if (wait_for_callback(call, nth, settings.budgets.hook)) {
        prove(PROOF_BLOCKED, "blocking callback %u on %s, inside %s", nth,
              client_name(call->client), function_name(call));
        prove(PROOF_CALLBACK, "called %u times", call_callbacks(call));
        return;
    }
    stop_unproved(call, nth);
}

bool wait_for_hold(struct blocked_call *call)
{
    return wait_for_turn(call, call->script.at, settings.budgets.hook, turn_holds);
}

void prove_held(struct blocked_call *call)
{
    prove_blocked(call, call->script.at);
    if (!wait_for_hold(call)) {
        rescue(call);
        stop_case(NEEDED("provider"), "the callback that is to hold still", "it does",
                  "it did not come so far: a call into the provider did not return to it");
    }
}

void let_go(struct blocked_call *call)
{
    SetEvent(call->let_go);
    require_that(NEEDED("environment"), !call->held_long,
                 "what happens while the callback holds still",
                 "it takes less than the budget data", "more than %lu ms", settings.budgets.data);
}

/* True if the callback is in a cancel that does not return; nothing that others do can end that. */
static bool is_stuck_in_cancel(const struct blocked_call *call)
{
    const struct spi_call *open = client_thread(call->client)->innermost;
    int64_t allowed = (int64_t)budget(call, settings.budgets.cancel) * 1000;

    return open != NULL && open->function == SPI_WSPCancelBlockingCall &&
           evidence_now() - open->entered > allowed;
}

static void write_rescue(const struct blocked_call *call, const char *how)
{
    evidence_note("rescue", "%s: %s", function_name(call), how);
}

/* A callback that a case left holding still keeps the call from returning. */
static bool ends_when_let_go(struct blocked_call *call, DWORD patience)
{
    bool holds =
        call->script.hold != HOLDS_NOWHERE && WaitForSingleObject(call->let_go, 0) != WAIT_OBJECT_0;

    SetEvent(call->let_go);
    return holds && wait_for_return(call, patience);
}

bool rescue(struct blocked_call *call)
{
    struct operation *operation = call->operation;
    DWORD patience = budget(call, settings.budgets.cancel);

    if (call_returned(call) || ends_when_let_go(call, patience)) {
        return true;
    }
    if (call->rescued) {
        return false;
    }
    call->rescued = true;
    if (is_stuck_in_cancel(call)) {
        write_rescue(call, "it waits for its callback, which a cancel does not let go");
        return false;
    }
    if (settings.fused[operation->function]) {
        write_rescue(call, "left alone, its fuse has blown");
        return false;
    }
    if (operation->complete != NULL) {
        write_rescue(call, "its peer lets it complete");
        operation->complete(operation);
        if (wait_for_return(call, patience)) {
            return true;
        }
    }
    if (operation->socket != NULL && operation->socket->open &&
        operation->function != SPI_WSPCloseSocket) {
        write_rescue(call, "another thread closes its socket");
        spi_close(operation->socket);
        if (wait_for_return(call, patience)) {
            return true;
        }
    }
    write_rescue(call, "nothing helped, the process ends");
    return false;
}

struct callback_script goes_on_until(const struct operation *operation, unsigned nth)
{
    return operation->function == SPI_WSPConnect ? CANCELS_AT(nth) : GOES_ON;
}

/* Only closing is sure on a socket whose call was cancelled (S18), except for accept and select. */
static void note_interruption(struct blocked_call *call)
{
    const struct operation *operation = call->operation;

    if (operation->function != SPI_WSPAccept && operation->function != SPI_WSPSelect &&
        operation->socket != NULL && call_returned(call) &&
        outcome_is_error(call->outcome, WSAEINTR)) {
        operation->socket->close_gate = gate_of_close_after(operation->function);
    }
}

void release_call(struct blocked_call *call)
{
    /* Under a debugger a wait has no end, so what nothing lets return is not waited for at all. */
    if (call->cancels == 0 || !wait_for_return(call, settings.budgets.cancel)) {
        rescue(call);
    }
    note_interruption(call);
}

const char *rescue_all(void)
{
    const char *stuck = NULL;

    for (struct blocked_call *call = all; call != NULL; call = call->next) {
        if (!rescue(call)) {
            stuck = function_name(call);
        }
    }
    return stuck;
}

struct idle_cancel {
    struct entry *entry;
    struct outcome outcome;
};

static void make_idle_cancel(void *argument)
{
    struct idle_cancel *cancel = argument;

    cancel->outcome = spi_cancel(cancel->entry);
}

struct outcome idle_cancel_on(struct client *client, struct entry *entry)
{
    struct idle_cancel *cancel = calloc(1, sizeof *cancel);
    DWORD patience = settings.debug ? INFINITE : settings.budgets.cancel;

    cancel->entry = entry;
    client_post(client, make_idle_cancel, cancel);
    if (!client_wait(client, patience)) {
        provider_skip_clean_up();
        stop_case(ending(MUST("CBC-25")), "WSPCancelBlockingCall on a thread that is in no call",
                  "it returns", "no return");
    }
    require_that(NEEDED("provider"), cancel->outcome.kind != OUTCOME_NO_ENTRY,
                 "WSPCancelBlockingCall in the proc table", "a function", "none");
    return cancel->outcome;
}

bool expect_nothing_to_cancel(struct demand demand, const char *what, struct outcome cancel)
{
    return expect_outcome(resting_on(demand, idle_gate), what, cancel,
                          ONE_OF(FAILS_WITH(WSAEINVAL)));
}

/* False if the cancel did not even return. */
static bool judge_cancel(const struct blocked_call *call, const struct acceptable *set)
{
    char what[128];

    snprintf(what, sizeof what, "WSPCancelBlockingCall in the callback of %s", function_name(call));
    if (is_stuck_in_cancel(call)) {
        return expect_that(ending(MUST("CBC-01")), false, what, "it returns", "no return");
    }
    expect_outcome(MUST("CBC-01"), what, call->cancel, set);
    return true;
}

/* That a cancelled call ends is a MUST, whatever the case wants to know about how it ends. */
static void judge_end(struct blocked_call *call, bool in_time, struct demand demand)
{
    char what[160];
    char limit[64];

    if (demand.otherwise != VERDICT_FAIL) {
        demand = MUST("CBC-02");
    }
    snprintf(what, sizeof what, "%s after the callback that cancelled it returned",
             function_name(call));
    snprintf(limit, sizeof limit, "the call returns within %lu ms",
             budget(call, settings.budgets.cancel));
    expect_that(ending(demand), in_time, what, limit,
                in_time ? "returned" : "still blocked, until it was rescued");
}

/* Waits for a call whose callback cancels it; false if it had to be rescued. */
static bool cancelled_call_ends(struct blocked_call *call)
{
    bool at_any = call->script.every_time;

    if (!wait_for_callback(call, 1, settings.budgets.hook)) {
        stop_unproved(call, 1);
    }
    if (!wait_for_turn(call, call->script.at, settings.budgets.hook + settings.budgets.cancel,
                       at_any ? cancelling_turn_ended : turn_ended) &&
        call->cancels == 0) {
        prove_blocked(call, at_any ? call_callbacks(call) + 1 : call->script.at);
    }
    if (is_stuck_in_cancel(call)) {
        return false;
    }
    if (wait_for_return(call, settings.budgets.cancel)) {
        return true;
    }
    rescue(call);
    return false;
}

static void prove_cancelled(struct blocked_call *call)
{
    unsigned at = call->cancels > 0 ? call->cancelled_at : call->script.at;

    prove(PROOF_BLOCKED, "blocking callback %u on %s, inside %s", at, client_name(call->client),
          function_name(call));
    prove(PROOF_CALLBACK, "called %u times", call_callbacks(call));
    if (!outcome_is_error(call->outcome, WSAEINTR)) {
        return;
    }
    prove(PROOF_CANCELLED, "%s ended with WSAEINTR %lld us after the callback returned",
          function_name(call),
          call->spi != NULL && at <= CALLBACKS_RECORDED
              ? (long long)(call->spi->left - call->spi->callback[at - 1].left)
              : 0LL);
    note_interruption(call);
}

bool join_cancelled(struct blocked_call *call, struct demand demand)
{
    bool in_time = cancelled_call_ends(call);
    char what[128];

    if (!judge_cancel(call, ONE_OF(RETURNS(0)))) {
        return false;
    }
    judge_end(call, in_time, demand);
    if (!in_time) {
        return false;
    }
    snprintf(what, sizeof what, "%s after a cancel", function_name(call));
    if (!expect_outcome(demand, what, call->outcome, ONE_OF(FAILS_WITH(WSAEINTR)))) {
        return false;
    }
    prove_cancelled(call);
    return true;
}

void require_cancelled(struct blocked_call *call)
{
    if (!join_cancelled(call, MUST("CBC-02"))) {
        stop_case(NEEDED("provider"), "the state after a cancelled call",
                  "a call that ended with WSAEINTR", "one that did not");
    }
}

struct outcome require_failed_by_cancel(struct blocked_call *call)
{
    bool in_time = cancelled_call_ends(call);
    char what[128];
    char text[128];

    snprintf(what, sizeof what, "WSPCancelBlockingCall in the callback of %s", function_name(call));
    require_outcome(NEEDED("provider"), what, call->cancel, ONE_OF(RETURNS(0)));
    snprintf(what, sizeof what, "%s after a cancel", function_name(call));
    require_that(NEEDED("provider"), in_time && call->outcome.failed, what,
                 "it fails, with whatever code", "%s",
                 in_time ? outcome_text(text, sizeof text, call->outcome) : "still blocked");
    prove_cancelled(call);
    return call->outcome;
}

bool join_raced(struct blocked_call *call, bool late_cancel, struct demand demand,
                const struct acceptable *set)
{
    bool in_time = cancelled_call_ends(call);
    char what[128];

    if (!judge_cancel(call, late_cancel ? ONE_OF(RETURNS(0), FAILS_WITH(WSAEINVAL))
                                        : ONE_OF(RETURNS(0)))) {
        return false;
    }
    judge_end(call, in_time, demand);
    if (!in_time) {
        return false;
    }
    snprintf(what, sizeof what, "%s, cancelled while it could complete", function_name(call));
    if (!expect_outcome(demand, what, call->outcome, set)) {
        return false;
    }
    prove(PROOF_BLOCKED, "blocking callback %u on %s, inside %s", call->script.at,
          client_name(call->client), function_name(call));
    prove(PROOF_CALLBACK, "called %u times", call_callbacks(call));
    if (!call->outcome.failed) {
        prove(PROOF_COMPLETED, "%s returned", function_name(call));
    }
    return true;
}

bool join_completed(struct blocked_call *call, struct demand demand, const struct acceptable *set)
{
    bool in_time = wait_for_return(call, settings.budgets.data);
    char what[128];

    if (!in_time) {
        rescue(call);
        snprintf(what, sizeof what, "%s once it can complete", function_name(call));
        expect_that(ending(demand), false, what, "it returns", "still blocked after %lu ms",
                    budget(call, settings.budgets.data));
        return false;
    }
    snprintf(what, sizeof what, "%s that was to complete", function_name(call));
    if (!expect_outcome(demand, what, call->outcome, set)) {
        return false;
    }
    prove(PROOF_COMPLETED, "%s returned", function_name(call));
    return true;
}

bool expect_still_blocked(struct blocked_call *call, struct demand demand, const char *what)
{
    unsigned before = call_callbacks(call);
    char text[128];
    bool blocked;

    if (settings.mode == MODE_NO_CALLBACK) {
        blocked = !wait_for_return(call, settings.budgets.quiet);
    } else {
        blocked =
            wait_for_callback(call, before + 2, settings.budgets.hook) || !call_returned(call);
    }
    if (blocked) {
        prove(PROOF_BLOCKED, "%s, and it did not return", what);
    }
    return expect_that(demand, blocked, what, "the call is still blocked", "%s",
                       blocked ? "the call is still blocked"
                               : outcome_text(text, sizeof text, call->outcome));
}
