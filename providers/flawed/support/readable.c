#include "flawed/support/readable.h"

bool is_readable(SOCKET socket)
{
    fd_set set = {.fd_count = 1, .fd_array = {socket}};
    struct timeval now = {0, 0};
    int ignored;

    return reference.lpWSPSelect(0, &set, NULL, NULL, &now, &ignored) == 1;
}
