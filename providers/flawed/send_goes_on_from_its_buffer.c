#include "flawed/support/layer.h"

#include <stdlib.h>

struct rest {
    SOCKET socket;
    WSABUF buffer; /* a copy: the array is the client's, on its stack */
    HMODULE self;
};

/* Has no blocking callback, so nothing cancels it but the end of the socket. */
static DWORD WINAPI go_on(LPVOID argument)
{
    struct rest *rest = argument;
    HMODULE self = rest->self;
    DWORD sent = 0;
    int error;

    reference.lpWSPSend(rest->socket, &rest->buffer, 1, &sent, 0, NULL, NULL, NULL, &error);
    free(rest);
    FreeLibraryAndExitThread(self, 0);
}

static int WSPAPI send_on(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        struct rest *rest = calloc(1, sizeof *rest);
        rest->socket = s;
        rest->buffer = buffers[count - 1];
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(void *)&client,
                           &rest->self);
        CloseHandle(CreateThread(NULL, 0, go_on, rest, 0, NULL));
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_on;
}

const struct flaw flaw = {
    .requirement = "SEND-03",
    .what = "a cancelled WSPSend is over for its client alone: a thread goes on sending from the "
            "client's buffer",
    .caught_by = "send/leaves_its_memory_alone/*",
    .change_table = change_table,
};
