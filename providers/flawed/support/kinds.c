#include "flawed/support/kinds.h"

/* An option that is a number; 0 if the socket has none. */
static DWORD number_of(SOCKET s, int option)
{
    DWORD number = 0;
    int size = sizeof number;
    int ignored;

    return reference.lpWSPGetSockOpt(s, SOL_SOCKET, option, (char *)&number, &size, &ignored) == 0
               ? number
               : 0;
}

bool is_stream(SOCKET s)
{
    return number_of(s, SO_TYPE) == SOCK_STREAM;
}

bool has_receive_timeout(SOCKET s)
{
    return number_of(s, SO_RCVTIMEO) != 0;
}

bool has_send_timeout(SOCKET s)
{
    return number_of(s, SO_SNDTIMEO) != 0;
}
