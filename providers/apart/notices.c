/* Network events: what was asked for, what may be told of next, and the telling. */
#include "apart.h"

static int index_of(long event)
{
    int index = 0;
    while ((event >> index) != 1) {
        index++;
    }
    return index;
}

void tell(struct endpoint *endpoint, long event, int code)
{
    if ((endpoint->armed & event) == 0) {
        return;
    }
    endpoint->armed &= ~event;
    int error = 0;
    if (endpoint->window != NULL) {
        upcalls.lpWPUPostMessage(endpoint->window, endpoint->message, (WPARAM)endpoint->handle,
                                 WSAMAKESELECTREPLY(event, code));
        return;
    }
    endpoint->recorded |= event;
    endpoint->codes[index_of(event)] = code;
    if (endpoint->event != NULL) {
        upcalls.lpWPUSetEvent(endpoint->event, &error);
    }
}

void rearm(struct endpoint *endpoint, long events)
{
    endpoint->armed |= endpoint->interest & events;
    if (events & (FD_READ | FD_CLOSE)) {
        endpoint->look = true;
    }
    if (endpoint->interest != 0) {
        ring();
    }
}

unsigned wanted_for_notices(const struct endpoint *endpoint)
{
    const long armed = endpoint->armed;
    const bool carries = endpoint->type == SOCK_DGRAM || endpoint->connected;
    if (endpoint->connecting || endpoint->spent != 0) {
        return 0;
    }
    if (endpoint->listening) {
        return armed & FD_ACCEPT ? READABLE : 0u;
    }
    if (!carries) {
        return 0;
    }
    return (armed & (FD_READ | FD_CLOSE) && endpoint->look ? READABLE : 0u) |
           (armed & FD_WRITE ? WRITABLE : 0u) | (armed & FD_OOB ? EXCEPTIONAL : 0u);
}

static void tell_what_can_be_read(struct endpoint *endpoint)
{
    char byte = 0;
    endpoint->look = false;
    if (endpoint->stashed > 0 || endpoint->type == SOCK_DGRAM) {
        tell(endpoint, FD_READ, 0);
        return;
    }
    const int count = recv(endpoint->system, &byte, 1, MSG_PEEK);
    if (count > 0) {
        tell(endpoint, FD_READ, 0);
    } else if (count == 0) {
        tell(endpoint, FD_CLOSE, 0);
    } else if (WSAGetLastError() != WSAEWOULDBLOCK) {
        tell(endpoint, FD_CLOSE, WSAGetLastError());
    } else {
        endpoint->look = true;
    }
}

void tell_of(struct endpoint *endpoint)
{
    const unsigned got = endpoint->got & wanted_for_notices(endpoint);
    if (got & WRITABLE) {
        tell(endpoint, FD_WRITE, 0);
    }
    if (got & EXCEPTIONAL) {
        tell(endpoint, FD_OOB, 0);
    }
    if (got & READABLE && endpoint->listening) {
        tell(endpoint, FD_ACCEPT, 0);
    } else if (got & READABLE) {
        tell_what_can_be_read(endpoint);
    }
}

/* Both registrations replace whatever was registered before; lock held. */
static void ask(struct endpoint *endpoint, long events)
{
    endpoint->interest = events;
    endpoint->armed = endpoint->connected ? events & ~FD_CONNECT : events;
    endpoint->recorded = 0;
    endpoint->look = true;
    endpoint->nonblocking = true;
}

int WSPAPI apart_async_select(SOCKET handle, HWND window, unsigned message, long events,
                              LPINT error)
{
    struct endpoint *endpoint = NULL;
    const int code = enter(handle, &endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    endpoint->window = events != 0 ? window : NULL;
    endpoint->message = message;
    endpoint->event = NULL;
    ask(endpoint, events);
    const int failed = look_after_notices();
    leave();
    return conclude(failed, error);
}

int WSPAPI apart_event_select(SOCKET handle, WSAEVENT event, long events, LPINT error)
{
    struct endpoint *endpoint = NULL;
    const int code = enter(handle, &endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    if (event == NULL && events != 0) {
        leave();
        return conclude(WSAEINVAL, error);
    }
    endpoint->window = NULL;
    endpoint->event = events != 0 ? event : NULL;
    ask(endpoint, events);
    const int failed = look_after_notices();
    leave();
    return conclude(failed, error);
}

int WSPAPI apart_enum_network_events(SOCKET handle, WSAEVENT event, LPWSANETWORKEVENTS events,
                                     LPINT error)
{
    struct endpoint *endpoint = NULL;
    const int code = enter(handle, &endpoint);
    if (code != 0) {
        return conclude(code, error);
    }
    int ignored = 0;
    if (event != NULL) {
        upcalls.lpWPUResetEvent(event, &ignored);
    }
    events->lNetworkEvents = endpoint->recorded;
    for (int i = 0; i < FD_MAX_EVENTS; i++) {
        events->iErrorCode[i] = endpoint->codes[i];
        endpoint->codes[i] = 0;
    }
    endpoint->recorded = 0;
    leave();
    return 0;
}
