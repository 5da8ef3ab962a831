#include "variants/support/leaving.h"

#include <stdlib.h>

/*
 * Asks ws2_32 for everything: for the thread and an event in each call, for the callback before
 * each of its turns, for its own path, for what is in a set. And a quarter of a second passes
 * before it posts what has happened to a socket.
 */
enum { BEFORE_POSTING = 250 };

struct borrowed {
    WSATHREADID thread;
    WSAEVENT event;
};

static int borrow(struct call *call)
{
    struct borrowed *borrowed;
    int error;

    layer_entered();
    if (!is_started() || (borrowed = calloc(1, sizeof *borrowed)) == NULL) {
        return 0;
    }
    if (client.lpWPUOpenCurrentThread(&borrowed->thread, &error) != 0) {
        free(borrowed);
        return 0;
    }
    borrowed->event = client.lpWPUCreateEvent(&error);
    if (borrowed->event != WSA_INVALID_EVENT) {
        client.lpWPUSetEvent(borrowed->event, &error);
        client.lpWPUResetEvent(borrowed->event, &error);
    }
    call->since = (ULONG_PTR)borrowed;
    return 0;
}

static void ask_for_members(fd_set *set)
{
    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        client.lpWPUFDIsSet(set->fd_array[i], set);
    }
}

static int give_back(struct call *call, int error)
{
    struct borrowed *borrowed = (struct borrowed *)(ULONG_PTR)call->since;
    int ignored;

    if (borrowed != NULL) {
        for (int i = 0; error == 0 && call->entry == ENTRY_WSPSelect && i < 3; i++) {
            ask_for_members(call->sets[i]);
        }
        if (borrowed->event != WSA_INVALID_EVENT) {
            client.lpWPUCloseEvent(borrowed->event, &ignored);
        }
        client.lpWPUCloseThread(&borrowed->thread, &ignored);
        free(borrowed);
    }
    layer_left();
    if (error == 0 && call->entry == ENTRY_WSPCleanup) {
        wait_for_layer();
    }
    return error;
}

static BOOL ask_again(struct call *call)
{
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
    int error;

    if (client.lpWPUQueryBlockingCallback(call->catalog, &callback, &context, &error) == 0) {
        call->callback = callback;
        call->context = context;
    }
    return variant_call_back(call);
}

static BOOL WSPAPI post_late(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    Sleep(BEFORE_POSTING);
    return client.lpWPUPostMessage(window, message, wide, narrow);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUPostMessage = post_late;
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    int error = layer_startup(version, data, info, upcalls, table);

    if (error == 0) {
        WCHAR path[MAX_PATH];
        int length = MAX_PATH;
        int ignored;

        client.lpWPUGetProviderPath(&info->ProviderId, path, &length, &ignored);
    }
    return error;
}

const struct variant variant = {
    .requirement = "UPC-04",
    .why_allowed = "a provider may use all upcalls, those that open and close in pairs; how often "
                   "it asks for the callback no text says, nor how soon a message is posted",
    .touches = "upcall/* startup/* callback/* select/events_still_come/*",
    .before = borrow,
    .turn = ask_again,
    .after = give_back,
    .change_upcalls = change_upcalls,
    .start = start,
};
