#include "harness/mode.h"

#include "harness/guard.h"
#include "harness/window.h"

static const long all_events = FD_READ | FD_WRITE | FD_ACCEPT | FD_CONNECT | FD_CLOSE;

static void ignore(void *argument)
{
    (void)argument;
}

static struct outcome select_events(struct spi_socket *socket, long events)
{
    HANDLE event = NULL;

    if (events != 0) {
        event = CreateEventW(NULL, TRUE, FALSE, NULL);
        guard_handle(event);
    }
    return spi_event_select(socket, event, events);
}

static struct outcome select_messages(struct spi_socket *socket, long events)
{
    static struct message_window *window;

    if (window == NULL) {
        window = message_window_open(ignore);
    }
    require_that(NEEDED("environment"), window != NULL, "a window for messages", "one", "none");
    return spi_async_select(socket, message_window_handle(window), events != 0 ? WM_APP + 2 : 0,
                            events);
}

static void require_events(struct spi_socket *socket, enum mode_change how, long events)
{
    struct outcome outcome =
        how == BY_EVENT_SELECT ? select_events(socket, events) : select_messages(socket, events);

    require_outcome(NEEDED("provider"),
                    about("%s%s (G5)", how == BY_EVENT_SELECT ? "WSPEventSelect" : "WSPAsyncSelect",
                          events != 0 ? "" : " without events"),
                    outcome, ONE_OF(RETURNS(0)));
}

void require_nonblocking(struct spi_socket *socket, enum mode_change how)
{
    if (how == BY_IOCTL) {
        require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1", spi_set_nonblocking(socket, true),
                        ONE_OF(RETURNS(0)));
    } else {
        require_events(socket, how, all_events);
    }
}

void require_registration_withdrawn(struct spi_socket *socket, enum mode_change how)
{
    require_events(socket, how, 0);
}
