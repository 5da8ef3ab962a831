#include "harness/battery.h"
#include "harness/case.h"
#include "harness/guard.h"

#include <string.h>

static const struct case_row kinds[] = {
    {.name = "stream_ipv4", .function = SPI_WSPRecv, .family = AF_INET, .variant = SOCK_STREAM},
    {.name = "datagram_ipv4", .function = SPI_WSPRecv, .family = AF_INET, .variant = SOCK_DGRAM},
    {.name = "stream_ipv6", .function = SPI_WSPRecv, .family = AF_INET6, .variant = SOCK_STREAM},
    {.name = NULL},
};

/* What has no socket among its parameters. */
static bool takes_no_socket(const struct battery_answer *answer)
{
    return answer->function == SPI_WSPAddressToString ||
           answer->function == SPI_WSPStringToAddress || answer->function == SPI_WSPSocket;
}

/*
 * What a provider may not have at all, by its kind of transport or by choice: it may say so before
 * it looks at the handle.
 */
static bool may_be_unsupported(const struct battery_answer *answer)
{
    static const enum spi_function functions[] = {
        SPI_WSPAccept,          SPI_WSPListen,       SPI_WSPJoinLeaf,
        SPI_WSPRecvDisconnect,  SPI_WSPGetQOSByName, SPI_WSPSendDisconnect,
        SPI_WSPEventSelect,     SPI_WSPAsyncSelect,  SPI_WSPEnumNetworkEvents,
        SPI_WSPDuplicateSocket,
    };

    for (size_t i = 0; i < ARRAYSIZE(functions); i++) {
        if (answer->function == functions[i]) {
            return true;
        }
    }
    return strcmp(answer->what, "WSPIoctl SIOCATMARK") == 0;
}

/* A handle, of an object even, but none that WPUCreateSocketHandle has made. */
static struct spi_socket *unknown_socket(struct entry *entry)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    struct spi_socket *socket;

    guard_handle(event);
    socket = provider_adopt(entry, (SOCKET)event, "unknown handle");
    socket->open = false; /* there is nothing to close at the end */
    return socket;
}

/* A provider may look at an address first, and not know what to make of it without a socket. */
static bool takes_an_address(const struct battery_answer *answer)
{
    return answer->function == SPI_WSPBind || answer->function == SPI_WSPConnect ||
           answer->function == SPI_WSPSendTo;
}

static void expect_refusal(const char *what, struct outcome outcome, const struct acceptable *set)
{
    expect_outcome(MUST("UPC-02"), about("%s with a handle that nobody made", what), outcome, set);
}

static void expect_no_socket(const char *what, struct outcome outcome)
{
    expect_refusal(what, outcome, ONE_OF(FAILS_WITH(WSAENOTSOCK)));
}

static void expect_each_refuses(const struct battery *battery)
{
    for (unsigned i = 0; i < battery->count; i++) {
        const struct battery_answer *answer = &battery->answers[i];
        if (takes_no_socket(answer) || !answer->returned) {
            continue;
        }
        if (may_be_unsupported(answer)) {
            expect_refusal(answer->what, answer->outcome,
                           ONE_OF(FAILS_WITH(WSAENOTSOCK), FAILS_WITH(WSAEOPNOTSUPP)));
        } else if (takes_an_address(answer)) {
            expect_refusal(answer->what, answer->outcome,
                           ONE_OF(FAILS_WITH(WSAENOTSOCK), FAILS_WITH(WSAEAFNOSUPPORT)));
        } else {
            expect_no_socket(answer->what, answer->outcome);
        }
    }
}

/* Beside a socket, in any of the sets, or alone in one; the timeout keeps it from waiting. */
static void expect_select_refuses(struct spi_socket *known, struct spi_socket *unknown)
{
    struct spi_socket *both[] = {known, unknown};
    const struct timeval *at_once = read_only_timeval(0, 0);
    fd_set *sets[3];

    for (int which = 0; which < 3; which++) {
        for (int i = 0; i < 3; i++) {
            sets[i] = i == which ? fd_set_of(new_fd_set("the set", both, 2)) : NULL;
        }
        expect_no_socket("WSPSelect of a socket beside something",
                         spi_select(known->entry, sets[0], sets[1], sets[2], at_once));
    }
    for (int which = 0; which < 3; which++) {
        for (int i = 0; i < 3; i++) {
            sets[i] = fd_set_of(new_fd_set("the set", i == which ? &unknown : &known, 1));
        }
        expect_no_socket("WSPSelect of a socket in other sets than something",
                         spi_select(known->entry, sets[0], sets[1], sets[2], at_once));
    }
}

static void expect_overlapped_refuses(struct spi_socket *unknown)
{
    struct overlapped *overlapped = overlapped_new(BY_EVENT);
    struct buffer *data = buffer_new("the receive buffer", STAGE_DATA_SIZE);
    WSABUF buffer = {.len = (u_long)data->size, .buf = (char *)data->bytes};
    DWORD received = 0;
    DWORD flags = 0;

    /* A provider may have no overlapped calls, and look at nothing else then. */
    expect_refusal(
        "overlapped WSPRecv",
        overlapped_perform(overlapped, SPI_WSPRecv, unknown, &buffer, 1, &received, &flags, NULL,
                           NULL),
        ONE_OF(FAILS_WITH(WSAENOTSOCK), FAILS_WITH(WSAEOPNOTSUPP), FAILS_WITH(WSAEINVAL)));
}

/*
 * UPC-02 (WPUQuerySocketHandleContext): a provider whose handles ws2_32 makes asks ws2_32 what is
 * behind one. What ws2_32 does not know is no socket, and every function says so.
 */
static void unknown_handle_is_no_socket(const struct case_row *row)
{
    /* A provider with a socket that ws2_32 has made a handle for, and a handle that it has not. */
    struct spi_socket *known = provider_socket(row->family, (int)row->variant, "socket");
    struct spi_socket *unknown;
    struct battery *battery;
    const struct battery_answer *stuck;

    require_handle_of_ours(known->handle);
    unknown = unknown_socket(known->entry);

    /* Every function is called with it, in its turn. */
    battery = battery_arrange(unknown, client_start("T1"));
    stuck = battery_run(battery, BATTERY_WHOLE);
    if (stuck != NULL) {
        stop_case(ending(MUST("UPC-02")), about("%s with a handle that nobody made", stuck->what),
                  "it fails at once", "no return");
    }

    /* None of them takes it for a socket, closing and overlapped calls included. */
    expect_each_refuses(battery);
    expect_select_refuses(known, unknown);
    expect_overlapped_refuses(unknown);
    expect_no_socket("WSPCloseSocket", spi_close_handle(unknown->entry, unknown->handle));
}

CASE(upcall, unknown_handle_is_no_socket) = {
    .run = unknown_handle_is_no_socket,
    .function = FROM_ROW,
    .requirements = "UPC-02",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "calls each function with a handle that WPUCreateSocketHandle never made",
    .must = "it fails with WSAENOTSOCK",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = kinds,
};
