#include "harness/battery.h"
#include "harness/case.h"
#include "harness/names.h"

#include <stdio.h>

/* What the functions are called on. */
enum { FRESH_STREAM, CONNECTION, FULL_CONNECTION, DATAGRAM_SOCKET };

#define ROW(name_of, on, version, address_family)                                                  \
    {                                                                                              \
        .name = #name_of "_ipv" #version, .family = (address_family), .variant = (on)              \
    }

#define ROWS(version, family)                                                                      \
    ROW(fresh_stream, FRESH_STREAM, version, family),                                              \
        ROW(connection, CONNECTION, version, family),                                              \
        ROW(full_connection, FULL_CONNECTION, version, family),                                    \
        ROW(datagram, DATAGRAM_SOCKET, version, family)

static const struct case_row situations[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/*
 * A full connection has data left that its peer does not read: whoever ends it could be tempted to
 * wait until that has gone.
 */
static struct spi_socket *arrange_socket(const struct case_row *row)
{
    struct spi_socket *socket;

    switch (row->variant) {
    case FRESH_STREAM:
        peers_choose(row->family, SOCK_STREAM);
        return provider_socket(row->family, SOCK_STREAM, "fresh socket");
    case CONNECTION:
        return arrange_connection(row->family).local;
    case FULL_CONNECTION:
        socket = arrange_blocked(SPI_WSPSend, row->family)->socket;
        fill_until_unwritable(socket);
        return socket;
    default:
        return arrange_datagram(row->family);
    }
}

/* Binding and listening are for fresh sockets; one that has ended does not answer the rest. */
static unsigned parts_for(intptr_t situation)
{
    switch (situation) {
    case FRESH_STREAM:
        return BATTERY_NAMES | BATTERY_OPTIONS | BATTERY_SETUP;
    case FULL_CONNECTION:
        return BATTERY_ENDINGS;
    default:
        return BATTERY_CANNOT_BLOCK & ~(unsigned)BATTERY_SETUP;
    }
}

/* On a datagram socket it names a peer, and there is nobody to wait for; true if it returned. */
static bool connect_on(struct client *t1, struct spi_socket *socket, unsigned *callbacks)
{
    struct sockaddr_storage to = peer_address(peer_datagram(socket->entry->family));
    static struct operation connect;
    struct blocked_call *call;

    connect = operation_connect(socket, &to);
    call = start_call(t1, &connect, GOES_ON);
    if (!wait_for_return(call, settings.budgets.data)) {
        rescue(call);
        return false;
    }
    *callbacks = call_callbacks(call);
    return true;
}

/* Closes the socket on T1; true if that returned. */
static bool close_on(struct client *t1, struct spi_socket *socket, unsigned *callbacks)
{
    static struct operation close;
    struct blocked_call *call;

    close = operation_close(socket);
    call = start_call(t1, &close, GOES_ON);
    if (!wait_for_return(call, settings.budgets.data)) {
        rescue(call);
        return false;
    }
    *callbacks = call_callbacks(call);
    return true;
}

/* Cancels on T1, where there is nothing to cancel; returns how often that called back. */
static unsigned callbacks_of_idle_cancel(struct client *t1, struct entry *entry)
{
    unsigned callbacks = 0;

    idle_cancel_on(t1, entry);
    for (unsigned i = 0; spi_call_at(i) != NULL; i++) {
        const struct spi_call *call = spi_call_at(i);
        callbacks += call->function == SPI_WSPCancelBlockingCall ? (unsigned)call->callbacks : 0;
    }
    return callbacks;
}

static void expect_no_callback(const char *what, unsigned callbacks)
{
    expect_number(MUST("BHK-09"), about("blocking callbacks during %s, which cannot block", what),
                  0, callbacks);
}

/*
 * BHK-09 (blocking hook overview: when the hook is called): the blocking callback is for calls that
 * block. A function that has nothing to wait for does not call it, whatever the state of its
 * socket.
 */
static void is_not_called_by_what_cannot_block(const struct case_row *row)
{
    /* A socket as the row has it, and a thread with a blocking callback. */
    struct spi_socket *socket = arrange_socket(row);
    struct client *t1 = client_start("T1");
    struct battery *battery = battery_arrange(socket, t1);
    const struct battery_answer *stuck;
    unsigned callbacks = 0;

    /* T1 calls the functions that cannot block, and none of them keeps it. */
    stuck = battery_run(battery, parts_for(row->variant));
    require_that(NEEDED("provider"), stuck == NULL,
                 stuck != NULL ? stuck->what : "a call that cannot block", "it returns",
                 "no return");
    require_that(NEEDED("environment"), !battery->ran_out, "the time for all calls", "enough",
                 "too little");

    /* It was never called back; not by a cancel that finds nothing, and not by the close. */
    for (unsigned i = 0; i < battery->count; i++) {
        expect_no_callback(battery->answers[i].what, battery->answers[i].callbacks);
    }
    if (settings.mode == MODE_DIRECT) {
        expect_no_callback("WSPCancelBlockingCall", callbacks_of_idle_cancel(t1, socket->entry));
    }
    if (row->variant == DATAGRAM_SOCKET) {
        require_that(NEEDED("provider"), connect_on(t1, socket, &callbacks),
                     "WSPConnect of a datagram socket", "it returns", "no return");
        expect_no_callback("WSPConnect of a datagram socket", callbacks);
    }
    require_that(NEEDED("provider"), close_on(t1, socket, &callbacks),
                 "WSPCloseSocket with default linger", "it returns", "no return");
    expect_no_callback("WSPCloseSocket with default linger", callbacks);
    expect_number(MUST("BHK-09"), "blocking callbacks on a thread that is in no call", 0,
                  callback_strays());
}

CASE(callback, is_not_called_by_what_cannot_block) = {
    .run = is_not_called_by_what_cannot_block,
    .function = SPI_WSPGetSockOpt,
    .requirements = "BHK-09",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "calls every function that cannot block, on a socket as the row has it, and closes it",
    .must = "none of the calls calls the blocking callback",
    .proofs = PROOF_STARTED,
    .rests_on = "callback/is_called_at_all",
    .rows = situations,
};
