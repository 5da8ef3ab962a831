#include "flawed/support/layer.h"

/* The socket on which a cancel was made last, and how often that has happened by now. */
static SOCKET volatile cancelled_socket = INVALID_SOCKET;
static volatile LONG cancels;
static __thread SOCKET socket_of_call;
static __thread LONG heard;
static __thread LPBLOCKINGCALLBACK callback;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        cancelled_socket = socket_of_call;
        InterlockedIncrement(&cancels);
    }
    return returned;
}

static BOOL CALLBACK call_and_look(DWORD_PTR context)
{
    BOOL answer = callback(context);
    int ignored;

    if (heard != cancels) {
        heard = cancels;
        if (cancelled_socket == socket_of_call) {
            reference.lpWSPCancelBlockingCall(&ignored);
        }
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    heard = cancels;
    *function = returned == 0 && callback != NULL ? call_and_look : NULL;
    return returned;
}

static SOCKET WSPAPI accept_on(SOCKET s, struct sockaddr *address, LPINT length,
                               LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    socket_of_call = s;
    return reference.lpWSPAccept(s, address, length, condition, data, error);
}

static int WSPAPI select_on(int count, fd_set *read, fd_set *write, fd_set *except,
                            const PTIMEVAL timeout, LPINT error)
{
    if (read != NULL && read->fd_count > 0) {
        socket_of_call = read->fd_array[0];
    }
    return reference.lpWSPSelect(count, read, write, except, timeout, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPAccept = accept_on;
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "THR-03",
    .what = "a cancel ends what other threads wait for on the same socket as well",
    .caught_by = "thread/cancel_on_a_shared_socket/select_first_ipv4"
                 " thread/cancel_beside_another_call/accept_beside_*"
                 " thread/cancel_beside_another_call/select_beside_send_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
