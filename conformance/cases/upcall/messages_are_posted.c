#include "harness/case.h"
#include "harness/evidence.h"
#include "harness/notice.h"
#include "harness/window.h"

/* How long one look for a message lasts. */
enum { LOOK_MS = 10 };

#define ROW(name_of_row, event, version, address_family)                                           \
    {                                                                                              \
        .name = #name_of_row "_ipv" #version, .function = SPI_WSPAsyncSelect,                      \
        .family = (address_family), .variant = (event)                                             \
    }

static const struct case_row events[] = {
    ROW(read, FD_READ, 4, AF_INET),   ROW(accept, FD_ACCEPT, 4, AF_INET),
    ROW(close, FD_CLOSE, 4, AF_INET), ROW(read, FD_READ, 6, AF_INET6),
    ROW(write, FD_WRITE, 4, AF_INET), {.name = NULL},
};

static bool is_message_of(const struct notice *notice, const struct kept_message *kept)
{
    return kept->window == notice->window && kept->message == NOTICE_MESSAGE &&
           kept->wide == notice->stage->socket->handle &&
           WSAGETSELECTEVENT(kept->long_parameter) == notice->events;
}

static bool was_posted_by_upcall(const struct notice *notice)
{
    struct kept_message kept;

    for (unsigned i = 0; upcall_kept_message(i, &kept); i++) {
        if (is_message_of(notice, &kept)) {
            return true;
        }
    }
    return false;
}

/* The upcall has kept what it was given: what is there has come by another way. */
static bool came_by_another_way(const struct notice *notice, DWORD milliseconds)
{
    LPARAM told;

    return message_take(notice->window, NOTICE_MESSAGE, notice->stage->socket->handle, milliseconds,
                        &told);
}

static bool expect_no_other_way(const struct notice *notice, DWORD milliseconds)
{
    return expect_holds(
        MUST("UPC-03"), !came_by_another_way(notice, milliseconds),
        "a message of WSPAsyncSelect, at its window, while WPUPostMessage posts none", "none",
        "one, which was posted in another way");
}

/* Waits until it has come in one way or the other; false if that was not the upcall. */
static bool expect_posted_by_upcall(const struct notice *notice)
{
    int64_t deadline = evidence_now() + (int64_t)settings.budgets.data * 1000;

    while (!was_posted_by_upcall(notice)) {
        if (came_by_another_way(notice, LOOK_MS)) {
            return expect_holds(MUST("UPC-03"), false, "the message of WSPAsyncSelect",
                                "it goes through WPUPostMessage",
                                "it came to the window in another way");
        }
        if (evidence_now() > deadline) {
            stop_case(NEEDED("provider"), "the message of WSPAsyncSelect", "it comes", "none");
        }
    }
    return true;
}

/*
 * UPC-03 (upcalls overview): the messages of WSPAsyncSelect go through WPUPostMessage. Here that
 * upcall keeps them, so whatever comes to the window has taken another way.
 */
static void messages_are_posted(const struct case_row *row)
{
    struct notice notice;

    /* A socket for whose events messages are to come; and what is posted by the upcall is kept. */
    upcall_keep_messages();
    notice = arrange_notice(BY_ASYNC_SELECT, (long)row->variant, row->family);

    /* What it waits for happens, and the upcall is called. */
    bring_about(&notice);
    if (!expect_posted_by_upcall(&notice)) {
        return;
    }
    prove(PROOF_COMPLETED, "WPUPostMessage was given the message");

    /* Nothing came to the window, and nothing has by the time that the socket is closed. */
    if (expect_no_other_way(&notice, 0)) {
        require_outcome(NEEDED("provider"), "WSPCloseSocket of a registered socket",
                        spi_close(notice.stage->socket), ONE_OF(RETURNS(0)));
        expect_no_other_way(&notice, LOOK_MS);
    }
}

CASE(upcall, messages_are_posted) = {
    .run = messages_are_posted,
    .function = SPI_WSPAsyncSelect,
    .requirements = "UPC-03",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "registers a socket with WSPAsyncSelect, and lets the event happen",
    .must = "WPUPostMessage is given the message, and the window gets none in another way",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = events,
};
