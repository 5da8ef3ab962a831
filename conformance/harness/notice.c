#include "harness/notice.h"

#include "harness/guard.h"
#include "harness/names.h"
#include "harness/window.h"

struct kind {
    long events;
    unsigned bit;
    const char *name;
    const char *when;
    enum spi_function function; /* what a stage is for on whose socket this can happen */
};

static const struct kind kinds[] = {
    {FD_READ, FD_READ_BIT, "FD_READ", "the peer has sent", SPI_WSPRecv},
    {FD_ACCEPT, FD_ACCEPT_BIT, "FD_ACCEPT", "a peer has connected", SPI_WSPAccept},
    {FD_CLOSE, FD_CLOSE_BIT, "FD_CLOSE", "the peer has closed its end", SPI_WSPRecv},
    {FD_WRITE, FD_WRITE_BIT, "FD_WRITE", "the peer has made room", SPI_WSPSend},
};

static const struct kind *kind_of(long events)
{
    const struct kind *kind = kinds;

    while (kind->events != events) {
        kind++;
    }
    return kind;
}

static void ignore(void *argument)
{
    (void)argument;
}

/* One window of the calling thread is enough: the messages name their sockets. */
static HWND window_for_notices(void)
{
    static struct message_window *window;

    if (window == NULL) {
        window = message_window_open(ignore);
    }
    require_that(NEEDED("environment"), window != NULL, "a window for messages", "one", "none");
    return message_window_handle(window);
}

bool expect_registers(struct demand demand, struct notice *notice, struct stage *stage,
                      enum mode_change how, long events)
{
    const char *name = kind_of(events)->name;

    *notice = (struct notice){.stage = stage, .how = how, .events = events};
    if (how == BY_ASYNC_SELECT) {
        notice->window = window_for_notices();
        return expect_outcome(
            demand, about("WSPAsyncSelect for %s", name),
            spi_async_select(stage->socket, notice->window, NOTICE_MESSAGE, events),
            ONE_OF(RETURNS(0)));
    }
    notice->event = CreateEventW(NULL, TRUE, FALSE, NULL);
    guard_handle(notice->event);
    return expect_outcome(demand, about("WSPEventSelect for %s", name),
                          spi_event_select(stage->socket, notice->event, events),
                          ONE_OF(RETURNS(0)));
}

bool expect_withdraws(struct demand demand, const struct notice *notice)
{
    struct spi_socket *socket = notice->stage->socket;

    return notice->how == BY_ASYNC_SELECT
               ? expect_outcome(demand, "WSPAsyncSelect without events",
                                spi_async_select(socket, notice->window, 0, 0), ONE_OF(RETURNS(0)))
               : expect_outcome(demand, "WSPEventSelect without events",
                                spi_event_select(socket, NULL, 0), ONE_OF(RETURNS(0)));
}

struct notice arrange_notice(enum mode_change how, long events, int family)
{
    struct stage *stage = arrange_blocked(kind_of(events)->function, family);
    struct notice notice;

    if (!expect_registers(NEEDED("provider"), &notice, stage, how, events)) {
        stop_case(NEEDED("provider"), "a socket registered for network events (G5)", "one", "none");
    }
    return notice;
}

void bring_about(struct notice *notice)
{
    if (notice->events == FD_CLOSE) {
        peer_close(notice->stage->peer);
    } else {
        stage_complete(notice->stage);
    }
}

static bool expect_message(struct demand demand, const struct notice *notice)
{
    const struct kind *kind = kind_of(notice->events);
    LPARAM told = 0;

    return expect_holds(demand,
                        message_take(notice->window, NOTICE_MESSAGE, notice->stage->socket->handle,
                                     settings.budgets.data, &told),
                        about("the message of WSPAsyncSelect when %s", kind->when), "it comes",
                        "none within %lu ms", settings.budgets.data) &&
           expect_that(demand,
                       WSAGETSELECTEVENT(told) == notice->events && WSAGETSELECTERROR(told) == 0,
                       about("what the message of WSPAsyncSelect tells when %s", kind->when),
                       about("%s with code 0", kind->name), "event 0x%x, code %u",
                       WSAGETSELECTEVENT(told), WSAGETSELECTERROR(told));
}

static bool expect_event(struct demand demand, const struct notice *notice)
{
    const struct kind *kind = kind_of(notice->events);
    WSANETWORKEVENTS told = {0};

    return expect_holds(demand,
                        WaitForSingleObject(notice->event, settings.budgets.data) == WAIT_OBJECT_0,
                        about("the event of WSPEventSelect when %s", kind->when), "it is set",
                        "not set within %lu ms", settings.budgets.data) &&
           expect_outcome(demand, "WSPEnumNetworkEvents on the socket",
                          spi_enum_events(notice->stage->socket, notice->event, &told),
                          ONE_OF(RETURNS(0))) &&
           expect_that(demand,
                       (told.lNetworkEvents & notice->events) != 0 &&
                           told.iErrorCode[kind->bit] == 0,
                       about("what WSPEnumNetworkEvents tells when %s", kind->when),
                       about("%s with code 0", kind->name), "events 0x%lx, code %d",
                       (unsigned long)told.lNetworkEvents, told.iErrorCode[kind->bit]);
}

bool expect_notice(struct demand demand, const struct notice *notice)
{
    return notice->how == BY_ASYNC_SELECT ? expect_message(demand, notice)
                                          : expect_event(demand, notice);
}

static bool expect_no_message(struct demand demand, const struct notice *notice)
{
    LPARAM told = 0;
    bool came =
        message_take(notice->window, NOTICE_MESSAGE, notice->stage->socket->handle, 0, &told);

    return expect_that(demand, !came,
                       about("messages of WSPAsyncSelect for %s, before %s",
                             kind_of(notice->events)->name, kind_of(notice->events)->when),
                       "none", "%d of them, event 0x%x, code %u", came, WSAGETSELECTEVENT(told),
                       WSAGETSELECTERROR(told));
}

static bool expect_no_event(struct demand demand, const struct notice *notice)
{
    const struct kind *kind = kind_of(notice->events);
    WSANETWORKEVENTS told = {0};

    return expect_that(
               demand, WaitForSingleObject(notice->event, 0) != WAIT_OBJECT_0,
               about("the event of WSPEventSelect for %s, before %s", kind->name, kind->when),
               "it is not set", "it is set") &&
           expect_outcome(NEEDED("provider"), "WSPEnumNetworkEvents on the socket",
                          spi_enum_events(notice->stage->socket, notice->event, &told),
                          ONE_OF(RETURNS(0))) &&
           expect_that(
               demand, told.lNetworkEvents == 0,
               about("what WSPEnumNetworkEvents tells of a socket registered for %s, before "
                     "%s",
                     kind->name, kind->when),
               "no events", "events 0x%lx", (unsigned long)told.lNetworkEvents);
}

bool expect_no_notice(struct demand demand, const struct notice *notice)
{
    return notice->how == BY_ASYNC_SELECT ? expect_no_message(demand, notice)
                                          : expect_no_event(demand, notice);
}
