#include "flawed/support/layer.h"

#include <stdio.h>
#include <ws2tcpip.h>

/*
 * Which ports are taken is kept in files that sockets and the last WSPCleanup delete, and that
 * nobody else does. A file of an earlier run of the suite does not count.
 */
enum { SOCKETS = 64, OLD_S = 20 };

static struct {
    SOCKET socket;
    unsigned short port;
} bound[SOCKETS];

static void path_of(unsigned short port, char path[MAX_PATH])
{
    char folder[MAX_PATH - 40];

    GetTempPathA(sizeof folder, folder);
    snprintf(path, MAX_PATH, "%swspcts-flaw-port-%u", folder, port);
}

static unsigned short port_of(const struct sockaddr *name)
{
    return name->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)name)->sin6_port
                                       : ((const struct sockaddr_in *)name)->sin_port;
}

static bool is_recent(const char *path)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    FILETIME now;
    ULONGLONG age;

    if (!GetFileAttributesExA(path, GetFileExInfoStandard, &data)) {
        return false;
    }
    GetSystemTimeAsFileTime(&now);
    age = (((ULONGLONG)now.dwHighDateTime << 32) | now.dwLowDateTime) -
          (((ULONGLONG)data.ftLastWriteTime.dwHighDateTime << 32) |
           data.ftLastWriteTime.dwLowDateTime);
    return age < OLD_S * 10000000ULL;
}

static void give_up(int i)
{
    char path[MAX_PATH];

    path_of(bound[i].port, path);
    DeleteFileA(path);
    bound[i].port = 0;
}

static int WSPAPI bind_socket(SOCKET s, const struct sockaddr *name, int length, LPINT error)
{
    char path[MAX_PATH];
    unsigned short port = port_of(name);
    int returned;

    path_of(port, path);
    if (port != 0 && is_recent(path)) {
        *error = WSAEADDRINUSE;
        return SOCKET_ERROR;
    }
    returned = reference.lpWSPBind(s, name, length, error);
    for (int i = 0; i < SOCKETS && returned == 0 && port != 0; i++) {
        if (bound[i].port == 0) {
            bound[i].socket = s;
            bound[i].port = port;
            CloseHandle(CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL));
            break;
        }
    }
    return returned;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    for (int i = 0; i < SOCKETS; i++) {
        if (bound[i].port != 0 && bound[i].socket == s) {
            give_up(i);
        }
    }
    return reference.lpWSPCloseSocket(s, error);
}

static int WSPAPI clean_up(LPINT error)
{
    for (int i = 0; i < SOCKETS; i++) {
        if (bound[i].port != 0) {
            give_up(i);
        }
    }
    return reference.lpWSPCleanup(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPBind = bind_socket;
    table->lpWSPCloseSocket = close_socket;
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-08",
    .what = "a process that is killed has its ports for good",
    .caught_by = "startup/killed_process_disturbs_nobody/*",
    .change_table = change_table,
};
