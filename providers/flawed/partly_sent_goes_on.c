#include "flawed/support/partway.h"

#include "reference/sockets.h"

#include <stdlib.h>
#include <string.h>

struct rest {
    SOCKET socket;
    DWORD count;
    HMODULE self;
    char bytes[];
};

/* Sends until the last byte, or the socket, is gone. */
static DWORD WINAPI go_on(LPVOID argument)
{
    struct rest *rest = argument;
    HMODULE self = rest->self;
    DWORD at = 0;
    int error = 0;

    while (at < rest->count && (error == 0 || error == WSAEWOULDBLOCK)) {
        WSABUF buffer = {.len = rest->count - at, .buf = rest->bytes + at};
        struct socket *socket;
        DWORD sent = 0;
        error = sockets_use(rest->socket, &socket);
        if (error == 0) {
            error = WSASend(socket->native, &buffer, 1, &sent, 0, NULL, NULL) == 0
                        ? 0
                        : WSAGetLastError();
            sockets_done(socket);
        }
        at += sent;
        if (error == WSAEWOULDBLOCK) {
            Sleep(1);
        }
    }
    free(rest);
    FreeLibraryAndExitThread(self, 0);
}

static int cancelled(const struct partway *partway)
{
    struct rest *rest;

    if (!partway->sends) {
        return abort_partway(partway);
    }
    rest = malloc(sizeof *rest + partway->left);
    rest->socket = partway->socket;
    rest->count = partway->left;
    memcpy(rest->bytes, partway->begin + partway->moved, partway->left);
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(void *)&client,
                       &rest->self);
    CloseHandle(CreateThread(NULL, 0, go_on, rest, 0, NULL));
    return WSAEINTR;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
}

const struct flaw flaw = {
    .requirement = "SEND-02",
    .what = "a cancelled WSPSend ends with WSAEINTR, and what is left of its buffer is sent later",
    .caught_by = "send/cancelled_partway/peer_reads_ipv4"
                 " stream/stays_whole_or_is_aborted/send_ipv4_often",
    .change_table = change_table,
};
