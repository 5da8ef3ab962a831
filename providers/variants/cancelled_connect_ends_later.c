#include "variants/support/variant.h"

#include <stdlib.h>
#include <string.h>

/* A connect that the transport still has under way. */
struct attempt {
    HMODULE self; /* this library stays loaded until the attempt has ended */
    SOCKET native;
};

enum { TRANSPORT_GIVES_UP_S = 20 };

/* When it has come through, it is reset; or it times out. */
static DWORD WINAPI see_it_end(LPVOID argument)
{
    struct attempt attempt = *(struct attempt *)argument;
    struct linger hard = {1, 0};
    struct timeval limit = {TRANSPORT_GIVES_UP_S, 0};
    fd_set connected = {.fd_count = 1, .fd_array = {attempt.native}};
    fd_set failed = connected;
    WSADATA data;

    free(argument);
    WSAStartup(MAKEWORD(2, 2), &data);
    select(0, NULL, &connected, &failed, &limit);
    setsockopt(attempt.native, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard);
    closesocket(attempt.native);
    FreeLibraryAndExitThread(attempt.self, 0);
}

static void go_on(const struct sockaddr *name, int length)
{
    struct attempt *attempt = calloc(1, sizeof *attempt);
    HANDLE thread;
    u_long on = 1;

    attempt->native = WSASocketW(name->sa_family, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    ioctlsocket(attempt->native, (long)FIONBIO, &on);
    connect(attempt->native, name, length);
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(void *)&variant,
                       &attempt->self);
    thread = CreateThread(NULL, 0, see_it_end, attempt, 0, NULL);
    if (thread != NULL) {
        CloseHandle(thread);
    }
}

static int after(struct call *call, int error)
{
    if (call->entry == ENTRY_WSPConnect && error == WSAEINTR && call->name != NULL) {
        go_on(call->name, call->name_length);
    }
    return error;
}

const struct variant variant = {
    .requirement = "CONNECT-05",
    .why_allowed = "the resources of a cancelled connect may be kept until the connection has been "
                   "made, and then been reset (S13)",
    .touches = "connect/*/ipv4* close/*/connect_ipv4",
    .after = after,
};
