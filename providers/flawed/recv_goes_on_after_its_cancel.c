#include "flawed/support/layer.h"

#include <stdlib.h>

struct receive {
    SOCKET socket;
    LPDWORD received;
    WSABUF buffer; /* a copy: the array is the client's, on its stack */
    HMODULE self;
};

/* Has no blocking callback, so nothing cancels it but the end of the socket. */
static DWORD WINAPI go_on(LPVOID argument)
{
    struct receive *receive = argument;
    HMODULE self = receive->self;
    DWORD flags = 0;
    int error;

    reference.lpWSPRecv(receive->socket, &receive->buffer, 1, receive->received, &flags, NULL, NULL,
                        NULL, &error);
    free(receive);
    FreeLibraryAndExitThread(self, 0);
}

static void leave_behind(SOCKET s, const WSABUF *buffer, LPDWORD received)
{
    struct receive *receive = calloc(1, sizeof *receive);

    receive->socket = s;
    receive->buffer = *buffer;
    receive->received = received;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(void *)&client,
                       &receive->self);
    CloseHandle(CreateThread(NULL, 0, go_on, receive, 0, NULL));
}

static int WSPAPI receive_on(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                             LPDWORD flags, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                             LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        leave_behind(s, buffers, received);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive_on;
}

const struct flaw flaw = {
    .requirement = "RECV-02",
    .what = "after a cancel the receive goes on behind the client's back, into its buffer",
    .caught_by = "recv/leaves_its_memory_alone/*",
    .change_table = change_table,
};
