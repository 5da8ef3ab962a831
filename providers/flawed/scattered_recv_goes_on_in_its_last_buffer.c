#include "flawed/support/layer.h"

#include <stdlib.h>

struct receive {
    SOCKET socket;
    WSABUF buffer; /* a copy: the array is the client's, on its stack */
    HMODULE self;
};

/* Has no blocking callback, so nothing cancels it but the end of the socket. */
static DWORD WINAPI go_on(LPVOID argument)
{
    struct receive *receive = argument;
    HMODULE self = receive->self;
    DWORD received;
    DWORD flags = 0;
    int error;

    reference.lpWSPRecv(receive->socket, &receive->buffer, 1, &received, &flags, NULL, NULL, NULL,
                        &error);
    free(receive);
    FreeLibraryAndExitThread(self, 0);
}

static void leave_behind(SOCKET s, const WSABUF *buffer)
{
    struct receive *receive = calloc(1, sizeof *receive);

    receive->socket = s;
    receive->buffer = *buffer;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(void *)&client,
                       &receive->self);
    CloseHandle(CreateThread(NULL, 0, go_on, receive, 0, NULL));
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && count > 1) {
        leave_behind(s, &buffers[count - 1]);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-02",
    .what = "after a cancel a WSPRecv into several buffers goes on behind the client's back, into "
            "the last",
    .caught_by = "recv/leaves_its_memory_alone/many_buffers_ipv4",
    .change_table = change_table,
};
