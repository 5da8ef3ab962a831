#include "harness/blocked_call.h"

#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/names.h"
#include "harness/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The case that reports a blocking callback which no call ever calls. */
static const char callback_gate[] = "callback/is_called_at_all";

static struct blocked_call *all;

DWORD call_budget(const struct blocked_call *call, DWORD milliseconds)
{
    if (settings.debug) {
        return INFINITE;
    }
    if (settings.fused[call->operation->function] && milliseconds > FUSED_MS) {
        return FUSED_MS;
    }
    return milliseconds;
}

const char *call_function_name(const struct blocked_call *call)
{
    return spi_function_name(call->operation->function);
}

struct outcome make_planned_call(struct blocked_call *call)
{
    struct harness_thread *thread = thread_current();
    struct blocked_call *around = thread->blocked;
    struct outcome outcome;

    call->spi = NULL;
    call->cancels = 0;
    call->outer = thread->innermost;
    call->calls_before = spi_calls_made();
    thread->blocked = call;
    outcome = operation_perform(call->operation);
    thread->blocked = around;
    call->outcome = outcome;
    SetEvent(call->returned);
    return outcome;
}

static void make_call(void *argument)
{
    make_planned_call(argument);
}

struct blocked_call *plan_call(struct client *client, struct operation *operation,
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
    return call;
}

struct blocked_call *start_call(struct client *client, struct operation *operation,
                                struct callback_script script)
{
    struct blocked_call *call = plan_call(client, operation, script);

    call->next = all;
    all = call;
    client_post(client, make_call, call);
    return call;
}

bool blocked_owns(const struct blocked_call *blocked, const struct spi_call *call)
{
    /* The call itself, not one that its callback makes. */
    if (call->outer != blocked->outer || call->function != blocked->operation->function) {
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
            candidate->thread == client_thread(call->client) && candidate->outer == call->outer) {
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
    DWORD allowed = call_budget(call, milliseconds);
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
    DWORD allowed = call_budget(call, milliseconds);
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

/* What the machine's network may have made of a call that was to wait. */
static bool may_come_from_the_network(struct outcome outcome)
{
    static const int errors[] = {
        WSAENETDOWN,     WSAENETUNREACH,  WSAENETRESET,     WSAECONNABORTED,
        WSAECONNRESET,   WSAENOBUFS,      WSAETIMEDOUT,     WSAEHOSTDOWN,
        WSAECONNREFUSED, WSAEHOSTUNREACH, WSAEADDRNOTAVAIL,
    };

    for (size_t i = 0; i < ARRAYSIZE(errors); i++) {
        if (outcome_is_error(outcome, errors[i])) {
            return true;
        }
    }
    return false;
}

static void stop_as_unblocked(const struct blocked_call *call) __attribute__((noreturn));

/* Something let the call complete (G1), or the network broke it, or the provider refused it. */
static void stop_as_unblocked(const struct blocked_call *call)
{
    struct outcome outcome = call->outcome;
    bool refused = outcome.failed && !may_come_from_the_network(outcome);
    char what[96];
    char text[128];

    snprintf(what, sizeof what, "%s blocks (G1)", call_function_name(call));
    stop_case(NEEDED(refused ? "provider" : "environment"), what,
              "no return while nothing lets it complete", outcome_text(text, sizeof text, outcome));
}

static void prove_by_silence(struct blocked_call *call)
{
    if (wait_for_return(call, settings.budgets.quiet)) {
        stop_as_unblocked(call);
    }
    prove(PROOF_BLOCKED, "%s did not return for %lu ms", call_function_name(call),
          settings.budgets.quiet);
}

/* Its own time-out has ended it; that of a connect is the transport's. */
static bool ran_out_of_time(const struct blocked_call *call)
{
    if (call->operation->function == SPI_WSPSelect) {
        return call->operation->timeout != NULL && !call->outcome.failed &&
               call->outcome.value == 0;
    }
    return call->operation->function != SPI_WSPConnect &&
           outcome_is_error(call->outcome, WSAETIMEDOUT);
}

static void stop_unproved(struct blocked_call *call, unsigned nth) __attribute__((noreturn));

/* The `nth` callback did not come: the call returned before (G1), or it blocks without, or longer
 * than it may take (G2). */
static void stop_unproved(struct blocked_call *call, unsigned nth)
{
    char what[128];
    char text[128];

    if (call_returned(call) && ran_out_of_time(call)) {
        stop_case(NEEDED("provider"),
                  about("the blocking callback during %s, before its time-out ends it (G2)",
                        call_function_name(call)),
                  about("call number %u", nth), "the time-out came first");
    }
    if (call_returned(call)) {
        stop_as_unblocked(call);
    }
    rescue(call);
    snprintf(what, sizeof what, "the blocking callback during %s, within %lu ms (G2)",
             call_function_name(call), call_budget(call, settings.budgets.hook));
    snprintf(text, sizeof text, "call number %u", nth);
    stop_case(resting_on(NEEDED("provider"), callback_gate), what, text,
              call_callbacks(call) == 0 ? "no call of it" : "fewer calls of it");
}

/* BHK-01 is a SHOULD for WSPIoctl; where nothing is asked of its callback, it does without. */
static bool needs_no_callback(const struct blocked_call *call)
{
    return call->operation->function == SPI_WSPIoctl && call->script.act == callback_goes_on;
}

void prove_blocked(struct blocked_call *call, unsigned nth)
{
    if (settings.mode == MODE_NO_CALLBACK) {
        prove_by_silence(call);
        return;
    }
    if (wait_for_callback(call, nth, settings.budgets.hook)) {
        prove(PROOF_BLOCKED, "blocking callback %u on %s, inside %s", nth,
              client_name(call->client), call_function_name(call));
        prove(PROOF_CALLBACK, "called %u times", call_callbacks(call));
        return;
    }
    if (needs_no_callback(call) && !call_returned(call)) {
        prove_by_silence(call);
        return;
    }
    stop_unproved(call, nth);
}

void prove_native_wait(struct blocked_call *call)
{
    bool asked = wait_for_query(call, settings.budgets.quiet);
    bool returned = call_returned(call);

    if (returned && call->operation->function != SPI_WSPConnect && call->outcome.failed) {
        return;
    }
    if (asked && !returned) {
        prove(PROOF_BLOCKED, "it asked for a blocking callback, got none, and did not return");
    } else {
        prove_blocked(call, 1);
    }
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
                 about("it takes at most %lu ms", settings.budgets.data), "it took longer");
}

bool call_is_stuck_in_cancel(const struct blocked_call *call)
{
    const struct spi_call *open = client_thread(call->client)->innermost;
    int64_t allowed = (int64_t)call_budget(call, settings.budgets.cancel) * 1000;

    return open != NULL && open->function == SPI_WSPCancelBlockingCall &&
           evidence_now() - open->entered > allowed;
}

static void write_rescue(const struct blocked_call *call, const char *how)
{
    evidence_note("rescue", "%s: %s", call_function_name(call), how);
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
    DWORD patience = call_budget(call, settings.budgets.cancel);

    if (call_returned(call) || ends_when_let_go(call, patience)) {
        return true;
    }
    if (call->rescued) {
        return false;
    }
    call->rescued = true;
    if (call_is_stuck_in_cancel(call)) {
        write_rescue(call, "it waits for its callback, which a cancel does not let go");
        return false;
    }
    if (settings.fused[operation->function]) {
        write_rescue(call, "left alone, its fuse has blown");
        return false;
    }
    if (operation->complete != NULL) {
        write_rescue(call, "its peer lets it complete");
        peers_forgive(true);
        operation->complete(operation);
        peers_forgive(false);
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

void call_note_interruption(struct blocked_call *call)
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
    call_note_interruption(call);
}

const char *rescue_all(void)
{
    const char *stuck = NULL;

    for (struct blocked_call *call = all; call != NULL; call = call->next) {
        if (!rescue(call)) {
            stuck = call_function_name(call);
        }
    }
    return stuck;
}

bool call_ends_by_cancel(struct blocked_call *call)
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
    if (call_is_stuck_in_cancel(call)) {
        return false;
    }
    if (wait_for_return(call, settings.budgets.cancel)) {
        return true;
    }
    rescue(call);
    return false;
}
