/* Options and ioctls. Linger and timeouts are kept here, because the system's socket never waits.
 */
#include "apart.h"

#include <string.h>

static int give(const void *value, int size, char *to, int *length)
{
    if (to == NULL || length == NULL || *length < size) {
        return WSAEFAULT;
    }
    memcpy(to, value, (size_t)size);
    *length = size;
    return 0;
}

/* Returns -1 for an option that is the system's. */
static int get_own(struct endpoint *endpoint, int name, char *value, int *length)
{
    const BOOL lingers_not = !endpoint->linger.l_onoff;
    const int failure = endpoint->failure;
    switch (name) {
    case SO_PROTOCOL_INFOW:
        return give(&endpoint->entry, sizeof endpoint->entry, value, length);
    case SO_LINGER:
        return give(&endpoint->linger, sizeof endpoint->linger, value, length);
    case SO_DONTLINGER:
        return give(&lingers_not, sizeof lingers_not, value, length);
    case SO_RCVTIMEO:
        return give(&endpoint->receive_timeout, sizeof(DWORD), value, length);
    case SO_SNDTIMEO:
        return give(&endpoint->send_timeout, sizeof(DWORD), value, length);
    case SO_ERROR:
        endpoint->failure = 0;
        return failure != 0 ? give(&failure, sizeof failure, value, length) : -1;
    default:
        return -1;
    }
}

int WSPAPI apart_get_option(SOCKET handle, int level, int name, char *value, LPINT length,
                            LPINT error)
{
    struct endpoint *endpoint = NULL;
    int code = enter(handle, &endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    settle_connect(endpoint);
    code = level == SOL_SOCKET ? get_own(endpoint, name, value, length) : -1;
    if (code == -1) {
        const int result = getsockopt(endpoint->system, level, name, value, length);
        code = result == 0 ? 0 : WSAGetLastError();
    }
    leave();
    return conclude(code, error);
}

static int take(void *to, int size, const char *value, int length)
{
    if (value == NULL || length < size) {
        return WSAEFAULT;
    }
    memcpy(to, value, (size_t)size);
    return 0;
}

static int set_own(struct endpoint *endpoint, int name, const char *value, int length)
{
    BOOL lingers_not = FALSE;
    int code = 0;
    switch (name) {
    case SO_LINGER:
        return take(&endpoint->linger, sizeof endpoint->linger, value, length);
    case SO_DONTLINGER:
        code = take(&lingers_not, sizeof lingers_not, value, length);
        endpoint->linger.l_onoff = code == 0 ? !lingers_not : endpoint->linger.l_onoff;
        return code;
    case SO_RCVTIMEO:
        return take(&endpoint->receive_timeout, sizeof(DWORD), value, length);
    case SO_SNDTIMEO:
        return take(&endpoint->send_timeout, sizeof(DWORD), value, length);
    default:
        return -1;
    }
}

/* How a spent socket is to be closed may still be said. */
int WSPAPI apart_set_option(SOCKET handle, int level, int name, const char *value, int length,
                            LPINT error)
{
    struct endpoint *endpoint = NULL;
    int code = enter_any(handle, &endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    const bool closes = level == SOL_SOCKET && (name == SO_LINGER || name == SO_DONTLINGER);
    code = endpoint->spent != 0 && !closes ? endpoint->spent : -1;
    if (code == -1 && level == SOL_SOCKET) {
        code = set_own(endpoint, name, value, length);
    }
    if (code == -1) {
        const int result = setsockopt(endpoint->system, level, name, value, length);
        code = result == 0 ? 0 : WSAGetLastError();
    }
    leave();
    return conclude(code, error);
}

/* --- WSPIoctl -------------------------------------------------------------------- */

struct control {
    DWORD code;
    void *in;
    DWORD in_size;
    void *out;
    DWORD out_size;
    DWORD *bytes;
};

static int set_blocking(struct endpoint *endpoint, const struct control *control)
{
    if (control->in == NULL || control->in_size < sizeof(u_long)) {
        return WSAEFAULT;
    }
    const bool nonblocking = *(const u_long *)control->in != 0;
    if (!nonblocking && endpoint->interest != 0) {
        return WSAEINVAL;
    }
    endpoint->nonblocking = nonblocking;
    *control->bytes = 0;
    return 0;
}

static int ask_system(struct endpoint *endpoint, const struct control *control,
                      OVERLAPPED *overlapped)
{
    const int result = WSAIoctl(endpoint->system, control->code, control->in, control->in_size,
                                control->out, control->out_size, control->bytes, overlapped, NULL);
    return result == 0 ? 0 : WSAGetLastError();
}

static int count_readable(struct endpoint *endpoint, const struct control *control)
{
    const int code = ask_system(endpoint, control, NULL);
    if (code == 0 && control->out_size >= sizeof(u_long)) {
        *(u_long *)control->out += (u_long)endpoint->stashed;
    }
    return code;
}

/* Waits for the system to tell of a change. Nothing of it is left when this returns. A system may
 * say that an operation is pending of which it then knows nothing: that cannot be waited for. */
static int await_change(struct endpoint *endpoint, const struct control *control)
{
    if (endpoint->nonblocking) {
        return WSAEWOULDBLOCK;
    }
    struct request request = {.kind = CONTROL, .endpoint = endpoint};
    request.pending.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    int code = ask_system(endpoint, control, &request.pending);
    if (code == WSA_IO_PENDING) {
        code = perform(&request, true, 0);
        leave();
        WaitForSingleObject(request.pending.hEvent, request.started ? INFINITE : 0);
        EnterCriticalSection(&lock);
    }
    CloseHandle(request.pending.hEvent);
    return code;
}

static int control(struct endpoint *endpoint, const struct control *wanted)
{
    switch (wanted->code) {
    case (DWORD)FIONBIO:
        return set_blocking(endpoint, wanted);
    case (DWORD)FIONREAD:
        return count_readable(endpoint, wanted);
    case SIO_ADDRESS_LIST_CHANGE:
    case SIO_ROUTING_INTERFACE_CHANGE:
        return await_change(endpoint, wanted);
    case SIO_GET_EXTENSION_FUNCTION_POINTER:
        return WSAEOPNOTSUPP;
    default:
        return ask_system(endpoint, wanted, NULL);
    }
}

int WSPAPI apart_ioctl(SOCKET handle, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                       DWORD out_size, LPDWORD bytes, LPWSAOVERLAPPED overlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                       LPINT error)
{
    (void)thread;
    struct endpoint *endpoint = NULL;
    int result = enter(handle, &endpoint);
    if (result != 0) {
        return conclude(result, error);
    }
    const struct control wanted = {code, in, in_size, out, out_size, bytes};
    if (overlapped != NULL || routine != NULL) {
        result = WSAEOPNOTSUPP;
    } else if (bytes == NULL) {
        result = WSAEFAULT;
    } else {
        result = control(endpoint, &wanted);
    }
    leave();
    return conclude(result, error);
}
