#include "flawed/support/layer.h"

static volatile SOCKET under_events = INVALID_SOCKET;

static int WSPAPI event_select(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    int returned = reference.lpWSPEventSelect(s, event, events, error);

    if (returned == 0 && events != 0) {
        under_events = s;
    } else if (returned == 0 && s == under_events) {
        under_events = INVALID_SOCKET;
    }
    return returned;
}

static bool lingers(SOCKET s)
{
    struct linger linger = {0, 0};
    int size = sizeof linger;
    int ignored;

    return reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &size, &ignored) ==
               0 &&
           linger.l_onoff != 0 && linger.l_linger != 0;
}

/* Only FIONBIO sets the mark that a lingering close looks at. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    struct linger off = {0, 0};
    int ignored;

    if (s == under_events) {
        under_events = INVALID_SOCKET;
        if (lingers(s)) {
            reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&off, sizeof off,
                                      &ignored);
        }
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = event_select;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "CLOSE-05",
    .what = "a lingering close succeeds at once on a socket that WSPEventSelect made non-blocking",
    .caught_by = "close/would_block_with_unsent_data/event_select_ipv4",
    .change_table = change_table,
};
