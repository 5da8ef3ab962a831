#include "harness/callback.h"

#include "harness/blocked.h"
#include "harness/evidence.h"
#include "harness/names.h"

#include <stdio.h>

static volatile LONG strays;
static volatile bool takes_foreign;

static void write_turn(const char *phase, const struct callback_turn *turn, const char *did)
{
    struct evidence_line line;

    if (turn->nth > CALLBACKS_RECORDED) {
        return;
    }
    evidence_begin(&line, "callback");
    evidence_text(&line, "phase", phase);
    evidence_number(&line, "nth", turn->nth);
    evidence_text(&line, "call", spi_function_name(turn->call->function));
    evidence_number(&line, "spi", turn->call->number);
    if (did == NULL) {
        evidence_format(&line, "context", "0x%llx", (unsigned long long)turn->record->context);
    } else {
        evidence_text(&line, "answer", turn->record->answer ? "TRUE" : "FALSE");
        evidence_text(&line, "did", *did != '\0' ? did : NULL);
    }
    evidence_end(&line);
}

struct outcome callback_cancel_into(struct callback_turn *turn, int *error_cell)
{
    struct callback_record *record = turn->record;
    struct entry *entry = turn->call->entry;
    LPWSPCANCELBLOCKINGCALL cancel = entry->table.lpWSPCancelBlockingCall;

    if (settings.mode == MODE_WS2_32 && record->cancelled && outcome_is_zero(record->cancel)) {
        return record->cancel;
    }
    record->cancel = spi_cancel_through(entry, cancel, error_cell);
    record->cancelled = true;
    /* On a thread of the provider's the cancel itself does not know which call it is for. */
    turn->call->cancelled = true;
    turn->call->cancel_worked = turn->call->cancel_worked || outcome_is_zero(record->cancel);
    if (turn->blocked != NULL) {
        blocked_note_cancel(turn->blocked, record->cancel);
    }
    return record->cancel;
}

struct outcome callback_cancel(struct callback_turn *turn)
{
    return callback_cancel_into(turn, NULL);
}

BOOL callback_goes_on(struct callback_turn *turn)
{
    (void)turn;
    return TRUE;
}

BOOL callback_cancels(struct callback_turn *turn)
{
    callback_cancel(turn);
    return FALSE;
}

BOOL callback_cancels_and_goes_on(struct callback_turn *turn)
{
    callback_cancel(turn);
    return TRUE;
}

BOOL callback_cancels_twice(struct callback_turn *turn)
{
    callback_cancel(turn);
    callback_cancel(turn);
    return FALSE;
}

BOOL callback_tries_to_cancel(struct callback_turn *turn)
{
    return callback_cancel(turn).failed;
}

BOOL callback_cancels_when_told(struct callback_turn *turn)
{
    if (InterlockedExchange((volatile LONG *)turn->argument, 0) == 0) {
        return TRUE;
    }
    callback_cancel(turn);
    return FALSE;
}

struct callback_script held_before(struct callback_script script)
{
    script.hold = HOLDS_BEFORE;
    return script;
}

struct callback_script held_after(struct callback_script script)
{
    script.hold = HOLDS_AFTER;
    return script;
}

/* What the script has for this turn; its answer goes into the record. */
static void perform(const struct callback_script *script, struct callback_turn *turn)
{
    bool first = turn->nth == script->at;

    if (first && script->hold == HOLDS_BEFORE) {
        blocked_hold(turn->blocked);
    }
    turn->record->answer = script->act(turn);
    if (first && script->hold == HOLDS_AFTER) {
        blocked_hold(turn->blocked);
    }
}

/* ws2_32 answers FALSE if and only if a cancel made in this turn was successful. */
static BOOL answer_of_ws2_32(const struct callback_record *record)
{
    return !(record->cancelled && outcome_is_zero(record->cancel));
}

static BOOL take_turn(struct harness_thread *thread, struct spi_call *call, unsigned function,
                      DWORD_PTR context)
{
    struct blocked_call *blocked = thread->blocked;
    struct callback_record spare = {0};
    struct callback_turn turn = {
        .call = call,
        .nth = (unsigned)InterlockedIncrement(&call->callbacks),
    };
    const struct callback_script *script = NULL;

    turn.record = turn.nth <= CALLBACKS_RECORDED ? &call->callback[turn.nth - 1] : &spare;
    turn.record->entered = evidence_now();
    turn.record->thread = GetCurrentThreadId();
    turn.record->context = context;
    turn.record->callback = function;
    turn.record->answer = TRUE;
    write_turn("enter", &turn, NULL);
    if (blocked != NULL && blocked_owns(blocked, call)) {
        turn.blocked = blocked;
        script = blocked_script(blocked);
        turn.argument = script->argument;
        blocked_progress(blocked);
        if (turn.nth == script->at || (script->every_time && turn.nth > script->at)) {
            perform(script, &turn);
        }
    }
    if (settings.mode == MODE_WS2_32) {
        turn.record->answer = answer_of_ws2_32(turn.record);
    }
    if (!turn.record->answer && answer_of_ws2_32(turn.record)) {
        call->answered_false = true;
    }
    turn.record->left = evidence_now();
    write_turn("leave", &turn, turn.record->cancelled ? "cancelled the call" : "");
    if (turn.blocked != NULL) {
        blocked_progress(blocked);
    }
    return turn.record->answer;
}

/* The blocked thread that a callback belongs to which came on another one, or NULL. */
static struct harness_thread *owner_of(unsigned function, DWORD_PTR context)
{
    for (unsigned i = 0; takes_foreign && thread_at(i) != NULL; i++) {
        struct harness_thread *thread = thread_at(i);
        const struct spi_call *call = thread->innermost;
        if (thread->has_callback && thread->blocked != NULL && call != NULL &&
            thread->callback == function &&
            callback_expected_context(thread, call->entry) == context) {
            return thread;
        }
    }
    return NULL;
}

static BOOL called_back(unsigned function, DWORD_PTR context)
{
    struct harness_thread *thread = thread_current();
    struct spi_call *call = thread->innermost;

    if (call == NULL) {
        struct harness_thread *owner = owner_of(function, context);
        thread = owner != NULL ? owner : thread;
        call = thread->innermost;
    }
    if (call == NULL) {
        if (InterlockedIncrement(&strays) <= CALLBACKS_RECORDED) {
            evidence_note("stray callback",
                          "the blocking callback was called on %s, which is in "
                          "no call into the provider, with context 0x%llx",
                          thread->name, (unsigned long long)context);
        }
        return TRUE;
    }
    return take_turn(thread, call, function, context);
}

#define EACH_FUNCTION(X) X(0) X(1) X(2) X(3) X(4) X(5)

#define X(number)                                                                                  \
    static BOOL CALLBACK callback_##number(DWORD_PTR context)                                      \
    {                                                                                              \
        return called_back((number), context);                                                     \
    }
EACH_FUNCTION(X)
#undef X

void callback_set(struct harness_thread *thread, unsigned function, DWORD_PTR context)
{
    thread->callback = function;
    thread->context = context;
    thread->has_callback = true;
}

void callback_take_foreign(void)
{
    takes_foreign = true;
}

void callback_remove(struct harness_thread *thread)
{
    thread->has_callback = false;
}

DWORD_PTR callback_expected_context(const struct harness_thread *thread, const struct entry *entry)
{
    if (settings.mode == MODE_WS2_32 && entry != NULL) {
        return (DWORD_PTR)entry->table.lpWSPCancelBlockingCall;
    }
    return thread->context;
}

LPBLOCKINGCALLBACK callback_function(const struct harness_thread *thread)
{
    static const LPBLOCKINGCALLBACK functions[CALLBACK_FUNCTIONS] = {
#define X(number) callback_##number,
        EACH_FUNCTION(X)
#undef X
    };

    if (settings.mode == MODE_NO_CALLBACK || !thread->has_callback) {
        return NULL;
    }
    return functions[thread->callback % CALLBACK_FUNCTIONS];
}

LONG callback_strays(void)
{
    return strays;
}
