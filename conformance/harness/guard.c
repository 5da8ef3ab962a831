#include "harness/guard.h"

#include "harness/buffer.h"
#include "harness/evidence.h"
#include "harness/names.h"
#include "harness/settings.h"
#include "harness/spi.h"

#include <process.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES_MAX = 32, FUSED_LIMIT_US = 1500000, LOOK_EVERY_MS = 100 };

/* Without the job everything still works, but what the provider starts may outlive the process. */
static HANDLE job;

static HANDLE work_thread;
static HANDLE crashed; /* event */
static volatile LONG crash_taken;
static volatile LONG leaving;
static struct {
    DWORD thread_id;
    struct harness_thread *thread;
    EXCEPTION_RECORD record;
    CONTEXT context;
    bool aborted;
} crash;

void guard_handle(HANDLE handle)
{
    SetHandleInformation(handle, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
}

static HMODULE module_at(const void *address)
{
    HMODULE module = NULL;

    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                  GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                              (const wchar_t *)address, &module)
               ? module
               : NULL;
}

static void put_location(struct evidence_line *line, const void *address)
{
    HMODULE module = module_at(address);
    wchar_t path[MAX_PATH];
    const wchar_t *name = NULL;

    evidence_format(line, "address", "0x%llx", (unsigned long long)(uintptr_t)address);
    if (module != NULL && GetModuleFileNameW(module, path, ARRAYSIZE(path)) > 0) {
        name = wcsrchr(path, L'\\');
        name = name != NULL ? name + 1 : path;
    }
    if (name != NULL) {
        evidence_format(line, "module", "%ls", name);
        evidence_format(line, "offset", "0x%llx",
                        (unsigned long long)((uintptr_t)address - (uintptr_t)module));
    } else {
        evidence_null(line, "module");
        evidence_null(line, "offset");
    }
}

#ifdef _WIN64
/* One frame up; false at the end of the stack. */
static bool unwind(CONTEXT *context)
{
    DWORD64 base;
    void *handler_data;
    DWORD64 frame;
    RUNTIME_FUNCTION *function = RtlLookupFunctionEntry(context->Rip, &base, NULL);

    if (function != NULL) {
        RtlVirtualUnwind(UNW_FLAG_NHANDLER, base, context->Rip, function, context, &handler_data,
                         &frame, NULL);
    } else if (context->Rsp != 0 && !IsBadReadPtr((void *)context->Rsp, sizeof(DWORD64))) {
        context->Rip = *(DWORD64 *)context->Rsp;
        context->Rsp += sizeof(DWORD64);
    } else {
        return false;
    }
    return context->Rip != 0;
}

static const void *instruction(const CONTEXT *context)
{
    return (const void *)context->Rip;
}
#else
static bool unwind(CONTEXT *context)
{
    const DWORD *frame = (const DWORD *)context->Ebp;

    if (frame == NULL || IsBadReadPtr(frame, 2 * sizeof *frame) || frame[0] <= context->Ebp) {
        return false;
    }
    context->Ebp = frame[0];
    context->Eip = frame[1];
    return context->Eip != 0;
}

static const void *instruction(const CONTEXT *context)
{
    return (const void *)context->Eip;
}
#endif

/* Who called abort(): the first frame beyond the handler's and those of the C runtime. */
static const void *caller_of_abort(const CONTEXT *context)
{
    CONTEXT at = *context;
    HMODULE handler = module_at(instruction(&at));
    HMODULE runtime = NULL;

    while (unwind(&at)) {
        HMODULE module = module_at(instruction(&at));
        if (runtime == NULL && module != handler) {
            runtime = module;
        } else if (runtime != NULL && module != runtime) {
            return instruction(&at);
        }
    }
    return NULL;
}

static void put_frames(struct evidence_line *line, const CONTEXT *context)
{
    CONTEXT at = *context;

    evidence_open_list(line, "frames");
    for (int i = 0; i < FRAMES_MAX && line->length < sizeof line->text - 900; i++) {
        evidence_open_object(line, NULL);
        put_location(line, instruction(&at));
        evidence_close_object(line);
        if (!unwind(&at)) {
            break;
        }
    }
    evidence_close_list(line);
}

static void put_open_call(struct evidence_line *line, const struct harness_thread *thread)
{
    const struct spi_call *call = thread != NULL ? thread->innermost : NULL;

    if (call != NULL) {
        evidence_text(line, "call", spi_function_name(call->function));
        evidence_number(line, "spi", call->number);
    } else {
        evidence_null(line, "call");
        evidence_null(line, "spi");
    }
}

/* A thread that has a call open, oldest thread first. */
static struct harness_thread *thread_in_provider(void)
{
    for (unsigned i = 0; thread_at(i) != NULL; i++) {
        if (thread_at(i)->innermost != NULL) {
            return thread_at(i);
        }
    }
    return NULL;
}

static const char *exception_name(DWORD code)
{
    switch (code) {
    case EXCEPTION_ACCESS_VIOLATION:
        return "access violation";
    case EXCEPTION_STACK_OVERFLOW:
        return "stack overflow";
    case EXCEPTION_ILLEGAL_INSTRUCTION:
        return "illegal instruction";
    case EXCEPTION_INT_DIVIDE_BY_ZERO:
        return "division by zero";
    case EXCEPTION_BREAKPOINT:
        return "breakpoint";
    case 0x80000100:
        return "a stub of Wine was called";
    case 0xE06D7363:
    case 0x20474343:
        return "C++ exception that nobody caught";
    case 0xC0000409:
        return "fast fail";
    default:
        return "exception";
    }
}

/* Appends what an access violation was after: reading or writing, where, and whose memory that is.
 */
static void append_access(char *text, size_t size, const EXCEPTION_RECORD *record)
{
    enum { READS = 0, WRITES = 1, NULL_PAGE = 0x10000 };
    size_t length = strlen(text);
    ULONG_PTR how = record->ExceptionInformation[0];
    ULONG_PTR address = record->ExceptionInformation[1];
    const char *name = address < NULL_PAGE ? "a null pointer" : page_name((const void *)address);

    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION || record->NumberParameters < 2) {
        return;
    }
    snprintf(text + length, size - length, ", %s 0x%llx%s%s%s",
             how == READS    ? "reading from"
             : how == WRITES ? "writing to"
                             : "jumping to",
             (unsigned long long)address, name != NULL ? " (" : "", name != NULL ? name : "",
             name != NULL ? ")" : "");
}

static void build_crash(struct evidence_line *line)
{
    struct harness_thread *thread = crash.thread;
    DWORD code = crash.record.ExceptionCode;
    char text[200];

    /* A crash on a thread of the provider's own is told with the call that some thread is in. */
    if (thread == NULL || thread->innermost == NULL) {
        thread = thread_in_provider();
    }
    evidence_begin(line, "guard");
    line->essential = true;
    evidence_text(line, "kind", "crash");
    put_open_call(line, thread);
    if (crash.aborted) {
        evidence_text(line, "code", "abort");
        evidence_format(line, "text", "abort() was called on %s",
                        crash.thread != NULL ? crash.thread->name : "?");
        put_location(line, caller_of_abort(&crash.context));
    } else {
        evidence_format(line, "code", "0x%08lX", code);
        snprintf(text, sizeof text, "%s on %s", exception_name(code),
                 crash.thread != NULL ? crash.thread->name : "a thread of the provider");
        append_access(text, sizeof text, &crash.record);
        evidence_text(line, "text", text);
        put_location(line, crash.record.ExceptionAddress);
    }
    put_frames(line, &crash.context);
}

static void write_crash(void)
{
    struct evidence_line line;

    build_crash(&line);
    evidence_end(&line);
}

/* The crashed thread's stack may be used up: another thread writes, this one only remembers. */
static void __attribute__((noreturn)) hand_over(void)
{
    SetEvent(crashed);
    for (;;) {
        WaitForSingleObject(GetCurrentProcess(), INFINITE);
    }
}

static void take_exception(const EXCEPTION_POINTERS *pointers)
{
    crash.thread_id = GetCurrentThreadId();
    crash.thread = thread_current();
    crash.record = *pointers->ExceptionRecord;
    crash.context = *pointers->ContextRecord;
}

static LONG WINAPI on_exception(EXCEPTION_POINTERS *pointers)
{
    if (InterlockedCompareExchange(&crash_taken, 1, 0) == 0) {
        take_exception(pointers);
    }
    hand_over();
}

static void on_abort(int signal_number)
{
    (void)signal_number;
    if (InterlockedCompareExchange(&crash_taken, 1, 0) == 0) {
        crash.thread_id = GetCurrentThreadId();
        crash.thread = thread_current();
        crash.aborted = true;
        RtlCaptureContext(&crash.context);
    }
    hand_over();
}

static void write_end(const char *kind, const char *text, struct harness_thread *thread)
{
    struct evidence_line line;

    evidence_begin(&line, "guard");
    line.essential = true;
    evidence_text(&line, "kind", kind);
    put_open_call(&line, thread);
    evidence_null(&line, "code");
    evidence_null(&line, "address");
    evidence_null(&line, "module");
    evidence_null(&line, "offset");
    evidence_text(&line, "text", text);
    evidence_open_list(&line, "frames");
    evidence_close_list(&line);
    evidence_end(&line);
}

static void write_exit(const char *how)
{
    struct harness_thread *thread = thread_current();

    InterlockedExchange(&leaving, 1);
    write_end("exit", how, thread->innermost != NULL ? thread : thread_in_provider());
    TerminateProcess(GetCurrentProcess(), EXIT_CRASHED);
}

static void on_exit_call(void)
{
    if (!leaving) {
        write_exit("the process was ended by exit");
    }
}

/*
 * exit() and ExitProcess() run the TLS callbacks of the program: the last chance to say that it
 * was not the harness that ended the process. Wine does not run them, and TerminateProcess passes
 * by here: then the evidence ends without a verdict, which says the same.
 */
static void NTAPI on_process_detach(void *module, DWORD reason, void *reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_DETACH && !leaving && job != NULL) {
        write_exit("the process was ended by exit or ExitProcess");
    }
}

__attribute__((section(".CRT$XLF"), used)) static PIMAGE_TLS_CALLBACK tls_callback =
    on_process_detach;

void guard_install(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};

    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    job = CreateJobObjectW(NULL, NULL);
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    AssignProcessToJobObject(job, GetCurrentProcess());
    guard_handle(job);
    crashed = CreateEventW(NULL, TRUE, FALSE, NULL);
    guard_handle(crashed);
    SetUnhandledExceptionFilter(on_exception);
    signal(SIGABRT, on_abort);
    atexit(on_exit_call);
}

/* What the loader hides is told apart from what a DLL's start-up handles itself by what follows. */
static struct evidence_line crash_of_loading;
static volatile LONG crashed_in_loading; /* the code of the last exception, 0 if there was none */
static DWORD loading_thread;
static PVOID loading_watch;

static LONG CALLBACK on_exception_in_loading(EXCEPTION_POINTERS *pointers)
{
    DWORD code = pointers->ExceptionRecord->ExceptionCode;

    /* Now, as the module will be gone; but a stack that is used up has no room for it. */
    if (GetCurrentThreadId() == loading_thread && (LONG)code < 0 &&
        code != EXCEPTION_STACK_OVERFLOW) {
        take_exception(pointers);
        build_crash(&crash_of_loading);
        crashed_in_loading = (LONG)code;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

/* What LoadLibrary says when the loader has caught an exception with that code. */
static DWORD error_of_exception(DWORD code)
{
    typedef ULONG(WINAPI * conversion)(LONG status);
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    conversion convert = (conversion)(void (*)(void))GetProcAddress(ntdll, "RtlNtStatusToDosError");

    return convert != NULL ? convert((LONG)code) : ERROR_NOACCESS;
}

void guard_watch_loading(void)
{
    loading_thread = GetCurrentThreadId();
    loading_watch = AddVectoredExceptionHandler(1, on_exception_in_loading);
}

void guard_loading_ended(DWORD error)
{
    RemoveVectoredExceptionHandler(loading_watch);
    if (crashed_in_loading != 0 && error == error_of_exception((DWORD)crashed_in_loading)) {
        evidence_end(&crash_of_loading);
        guard_leave(EXIT_CRASHED);
    }
}

static void (*work)(void);
static volatile LONG work_done;
static HANDLE work_began;

static unsigned __stdcall work_main(void *argument)
{
    (void)argument;
    thread_set_name("main");
    SetEvent(work_began);
    work();
    InterlockedExchange(&work_done, 1);
    return 0;
}

static struct harness_thread *thread_over_fuse(void)
{
    int64_t now = evidence_now();

    for (unsigned i = 0; thread_at(i) != NULL; i++) {
        struct spi_call *call = thread_at(i)->innermost;
        if (call != NULL && settings.fused[call->function] &&
            now - call->entered > FUSED_LIMIT_US) {
            return thread_at(i);
        }
    }
    return NULL;
}

static void __attribute__((noreturn)) leave_crashed(void)
{
    write_crash();
    guard_leave(EXIT_CRASHED);
}

static void __attribute__((noreturn)) leave_hung(struct harness_thread *thread, const char *why)
{
    write_end("hang", why, thread != NULL ? thread : thread_in_provider());
    guard_leave(EXIT_HUNG);
}

void guard_thread_ended(struct harness_thread *thread)
{
    write_end("exit", "the thread that made the call was ended", thread);
    guard_leave(EXIT_CRASHED);
}

void guard_run(void (*work_to_do)(void))
{
    HANDLE handles[2];
    int64_t deadline;

    evidence_name_thread("guard");
    work = work_to_do;
    work_began = CreateEventW(NULL, TRUE, FALSE, NULL);
    work_thread = (HANDLE)_beginthreadex(NULL, 0, work_main, NULL, 0, NULL);
    guard_handle(work_thread);
    WaitForSingleObject(work_began, INFINITE);
    deadline = evidence_now() + (int64_t)settings.budgets.whole * 1000;
    handles[0] = work_thread;
    handles[1] = crashed;
    for (;;) {
        DWORD event = WaitForMultipleObjects(2, handles, FALSE, LOOK_EVERY_MS);
        struct harness_thread *hung = thread_over_fuse();
        if (event == WAIT_OBJECT_0 + 1) {
            leave_crashed();
        }
        if (event == WAIT_OBJECT_0 && work_done) {
            return;
        }
        if (event == WAIT_OBJECT_0) {
            guard_thread_ended(thread_in_provider());
        }
        if (hung != NULL && !settings.debug) {
            leave_hung(hung, "a call did not end within the second left to its function");
        }
        if (evidence_now() > deadline && !settings.debug) {
            leave_hung(NULL, "the case did not end within its deadline");
        }
    }
}

void guard_leave(enum exit_code code)
{
    InterlockedExchange(&leaving, 1);
    TerminateProcess(GetCurrentProcess(), code);
    for (;;) {
        WaitForSingleObject(GetCurrentProcess(), INFINITE);
    }
}
