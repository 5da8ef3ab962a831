#include "flawed/support/layer.h"

/* What a thread of the layer's own is to ask. */
struct question {
    DWORD entry;
    LPBLOCKINGCALLBACK *callback;
    PDWORD_PTR context;
    LPINT error;
    int answer;
};

static DWORD WINAPI ask(LPVOID argument)
{
    struct question *question = argument;

    question->answer = client.lpWPUQueryBlockingCallback(question->entry, question->callback,
                                                         question->context, question->error);
    return 0;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    struct question question = {entry, callback, context, error, SOCKET_ERROR};
    HANDLE thread = CreateThread(NULL, 0, ask, &question, 0, NULL);

    if (thread != NULL) {
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
    }
    return question.answer;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-05",
    .what = "the blocking callback is asked for on a thread of the provider's own",
    .caught_by = "callback/runs_on_the_blocking_thread/receiving_ipv4",
    .change_upcalls = change_upcalls,
};
