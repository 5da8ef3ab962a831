#include "harness/case.h"
#include "harness/within.h"

/* Whether the callback calls on another socket, or on that of the blocked call. */
enum { ANOTHER, THE_SAME };

#define ROW(call, spi, which, on, version, address_family)                                         \
    {                                                                                              \
        .name = #call which "_ipv" #version, .function = SPI_##spi, .family = (address_family),    \
        .rests_on = RESTS_ON_RELEASED(call), .variant = (on)                                       \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, "", ANOTHER, 4, AF_INET),
    ROW(select, WSPSelect, "", ANOTHER, 4, AF_INET),
    ROW(recv, WSPRecv, "", ANOTHER, 4, AF_INET),
    ROW(send, WSPSend, "", ANOTHER, 4, AF_INET),
    ROW(recv, WSPRecv, "", ANOTHER, 6, AF_INET6),
    ROW(accept, WSPAccept, "_same_socket", THE_SAME, 4, AF_INET),
    ROW(recv, WSPRecv, "_same_socket", THE_SAME, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, "_same_socket", THE_SAME, 4, AF_INET),
    ROW(recv, WSPRecv, "_same_socket", THE_SAME, 6, AF_INET6),
    {.name = NULL},
};

static struct outcome bind_fresh(struct within_cast *cast, int *gave)
{
    struct sockaddr_storage address = local_address(cast->fresh->entry->family);

    (void)gave;
    return spi_bind(cast->fresh, (struct sockaddr *)&address, address_length(&address));
}

static struct outcome name_fresh(struct within_cast *cast, int *gave)
{
    struct sockaddr_storage address;
    struct outcome outcome = spi_get_sock_name(cast->fresh, &address);

    *gave = address.ss_family;
    return outcome;
}

static struct outcome listen_fresh(struct within_cast *cast, int *gave)
{
    (void)gave;
    return spi_listen(cast->fresh, 1);
}

static struct outcome bind_bound(struct within_cast *cast, int *gave)
{
    struct sockaddr_storage address = local_address(cast->socket->entry->family);

    (void)gave;
    return spi_bind(cast->socket, (struct sockaddr *)&address, address_length(&address));
}

static struct outcome get_peer_name(struct within_cast *cast, int *gave)
{
    struct sockaddr_storage address;
    struct outcome outcome = spi_get_peer_name(cast->socket, &address);

    *gave = address.ss_family;
    return outcome;
}

static struct outcome set_keepalive(struct within_cast *cast, int *gave)
{
    BOOL on = TRUE;

    (void)gave;
    return spi_set_option(cast->socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

static struct outcome how_much_to_read(struct within_cast *cast, int *gave)
{
    u_long waiting = 0;
    DWORD returned = 0;
    struct outcome outcome =
        spi_ioctl(cast->socket, (DWORD)FIONREAD, NULL, 0, &waiting, sizeof waiting, &returned);

    *gave = (int)waiting;
    return outcome;
}

static struct outcome register_events(struct within_cast *cast, int *gave)
{
    /* The provider may set it as long as it has the socket, so it is never closed. */
    static HANDLE event;

    (void)gave;
    if (event == NULL) {
        event = CreateEventW(NULL, TRUE, FALSE, NULL);
    }
    return spi_event_select(cast->fresh, event, FD_ACCEPT);
}

static struct outcome shut_down(struct within_cast *cast, int *gave)
{
    (void)gave;
    return spi_shutdown(cast->socket, SD_SEND);
}

static struct outcome close_fresh(struct within_cast *cast, int *gave)
{
    (void)gave;
    return spi_close(cast->fresh);
}

/* On the socket of the blocked call: nothing that would change what it waits for. */
static const struct within_call on_the_same[] = {
    {.what = "WSPGetSockName", .make = within_get_name},
    {.what = "WSPGetPeerName", .make = get_peer_name},
    {.what = "WSPGetSockOpt SO_TYPE", .make = within_get_type},
    {.what = "WSPIoctl FIONREAD", .make = how_much_to_read},
    {.what = "WSPBind of a bound socket", .make = bind_bound},
};

static const struct within_call on_another[] = {
    {.what = "WSPBind", .make = bind_fresh},
    {.what = "WSPGetSockName once bound", .make = name_fresh, .builds_on_others = true},
    {.what = "WSPListen", .make = listen_fresh, .builds_on_others = true},
    {.what = "WSPEventSelect", .make = register_events, .builds_on_others = true},
    {.what = "WSPCloseSocket", .make = close_fresh},
    {.what = "WSPGetSockName", .make = within_get_name},
    {.what = "WSPGetPeerName", .make = get_peer_name},
    {.what = "WSPGetSockOpt SO_TYPE", .make = within_get_type},
    {.what = "WSPSetSockOpt SO_KEEPALIVE", .make = set_keepalive},
    {.what = "WSPIoctl FIONREAD", .make = how_much_to_read},
    {.what = "WSPShutdown SD_SEND", .make = shut_down},
};

/* A connection, and a socket that is not bound yet. */
static struct within_cast arrange_cast(int family)
{
    struct within_cast cast = {.socket = arrange_connection(family).local};

    cast.fresh = provider_socket(family, SOCK_STREAM, "fresh socket");
    return cast;
}

static struct within *arrange_calls(const struct case_row *row, struct stage *stage)
{
    if (row->variant == THE_SAME) {
        struct within_cast twin = {.socket = arrange_blocked(row->function, row->family)->socket};
        struct within_cast same = {.socket = stage->socket};
        return within_arrange(on_the_same, ARRAYSIZE(on_the_same), twin, same);
    }
    return within_arrange(on_another, ARRAYSIZE(on_another), arrange_cast(row->family),
                          arrange_cast(row->family));
}

/*
 * NOBLOCK-04 (WSPBind, WSPGetSockOpt, WSPShutdown and others, on WSAEINPROGRESS; K3): what never
 * waits has no reason to fare differently in the blocking callback: it does there what it does
 * elsewhere, or it is refused, as a provider may refuse any call there.
 */
static void what_never_waits_works(const struct case_row *row)
{
    /* A socket on which the call can only wait, and others for what the callback calls. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct within *within = arrange_calls(row, stage);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    within_make_outside(within, t1);

    /* T1 blocks; its callback makes the calls. */
    call = start_call(t1, &stage->operation, ACTS(within_make_inside, within));
    prove_blocked(call, 1);

    /* They came to what they came to outside, or were refused. */
    if (expect_usual_within(MUST("NOBLOCK-04"), within, call)) {
        release_call(call);
    }
}

CASE(nested, what_never_waits_works) = {
    .run = what_never_waits_works,
    .function = FROM_ROW,
    .requirements = "NOBLOCK-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes calls that never wait, outside of any callback and in the blocking callback",
    .must = "there they have the same results, or are refused with WSAEINPROGRESS",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
