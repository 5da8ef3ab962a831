#include "flawed/support/left_behind.h"

#include <stdlib.h>

struct receive {
    SOCKET socket;
    WSABUF buffer; /* a copy: the array is the client's, on its stack */
    LPDWORD received;
    HMODULE self;
};

/* Has no blocking callback, so nothing cancels it but the end of the socket. */
static DWORD WINAPI go_on(LPVOID argument)
{
    struct receive *receive = argument;
    HMODULE self = receive->self;
    DWORD own;
    DWORD flags = 0;
    int error;

    reference.lpWSPRecv(receive->socket, &receive->buffer, 1,
                        receive->received != NULL ? receive->received : &own, &flags, NULL, NULL,
                        NULL, &error);
    free(receive);
    FreeLibraryAndExitThread(self, 0);
}

void leave_receive_behind(SOCKET s, const WSABUF *buffer, LPDWORD received)
{
    struct receive *receive = calloc(1, sizeof *receive);

    receive->socket = s;
    receive->buffer = *buffer;
    receive->received = received;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(void *)&client,
                       &receive->self);
    CloseHandle(CreateThread(NULL, 0, go_on, receive, 0, NULL));
}
