#include "harness/case.h"

/* More often than any provider tries. */
enum { EVERY_TIME = 1000 };

#define ROW(name_of_row, code, kind, version, address_family)                                      \
    {                                                                                              \
        .name = #name_of_row "_ipv" #version, .function = (kind), .family = (address_family),      \
        .variant = (code)                                                                          \
    }

/* By the call that the kind of socket is for. */
static const struct case_row situations[] = {
    ROW(stream, WSAENOBUFS, SPI_WSPRecv, 4, AF_INET),
    ROW(datagram, WSAENOBUFS, SPI_WSPRecvFrom, 4, AF_INET),
    ROW(stream, WSAENOBUFS, SPI_WSPRecv, 6, AF_INET6),
    ROW(stream_with_another_code, WSAEMFILE, SPI_WSPRecv, 4, AF_INET),
    ROW(accepted, WSAENOBUFS, SPI_WSPAccept, 4, AF_INET),
    {.name = NULL},
};

static void let_handles_fail(int error, unsigned times)
{
    upcall_let_fail(UPCALL_WPUCreateSocketHandle, error, times);
}

/* The provider is asked for no handle in advance: then its failure would come to nothing. */
static void require_asked(LONG before)
{
    require_that(NEEDED("provider"), upcall_count(UPCALL_WPUCreateSocketHandle) > before,
                 "WPUCreateSocketHandle for a new socket", "it is called", "not called");
}

static void expect_told(struct entry *entry, int error)
{
    LONG before = upcall_count(UPCALL_WPUCreateSocketHandle);
    struct outcome outcome;
    SOCKET made;

    let_handles_fail(error, EVERY_TIME);
    outcome = spi_socket(entry, WSA_FLAG_OVERLAPPED, &made);
    let_handles_fail(0, 0);
    require_asked(before);
    expect_outcome(MUST("UPC-06"), "WSPSocket for which WPUCreateSocketHandle failed", outcome,
                   ONE_OF(FAILS_WITH(error)));
}

/* What becomes of the connection is nowhere laid down. */
static void look_at_accept(int family, int error)
{
    struct stage *stage = arrange_blocked(SPI_WSPAccept, family);
    LONG before = upcall_count(UPCALL_WPUCreateSocketHandle);
    struct peer *peer = connection_arrives(stage);
    struct blocked_call *call;
    char text[128];
    bool returned;

    let_handles_fail(error, EVERY_TIME);
    call = start_call(client_start("T1"), &stage->operation, GOES_ON);
    returned = wait_for_return(call, settings.budgets.data);
    let_handles_fail(0, 0);
    require_asked(before);
    record_choice("WSPAccept for which WPUCreateSocketHandle failed: %s; its peer is %s",
                  returned ? outcome_text(text, sizeof text, call_outcome(call)) : "waits",
                  peer_end_text(peer_end(peer, 0)));
}

/*
 * UPC-06 (WPUCreateSocketHandle; error reporting): a provider that gets no handle has no socket to
 * return, and the reason is the one that the upcall gave.
 */
static void refused_handle_is_told(const struct case_row *row)
{
    /* A provider whose handles ws2_32 makes. */
    int type = row->function == SPI_WSPRecvFrom ? SOCK_DGRAM : SOCK_STREAM;
    struct spi_socket *first = provider_socket(row->family, type, "socket");

    require_handle_of_ours(first->handle);

    /* It makes no more of them; the provider says so, with the code that it was given. */
    if (row->function == SPI_WSPAccept) {
        look_at_accept(row->family, (int)row->variant);
    } else {
        expect_told(first->entry, (int)row->variant);
    }

    /* When there are handles again, there are sockets again. */
    provider_socket(row->family, type, "a later socket");
}

CASE(upcall, refused_handle_is_told) = {
    .run = refused_handle_is_told,
    .function = SPI_WSPSocket,
    .requirements = "UPC-06",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "makes a socket while WPUCreateSocketHandle fails",
    .must = "WSPSocket returns INVALID_SOCKET with the code of the upcall",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = situations,
};
