#include "harness/case.h"

/*
 * STARTUP-08 (WSPStartup, WSPCleanup): one clean-up settles one start-up. UPC-01 (WSPSocket,
 * WSPCloseSocket): a socket's handle comes from the upcalls, and closing gives it back, once.
 */
static void opens_closes_and_cleans_up(const struct case_row *row)
{
    struct entry *entry = provider_start_any();
    struct spi_socket *socket = provider_socket(entry->family, entry->type, "socket");
    const struct socket_handle *handle = upcall_handle(socket->handle);

    (void)row;
    expect_that(MUST("UPC-01"), handle != NULL, "the handle that WSPSocket returned",
                "one from WPUCreateSocketHandle or WPUModifyIFSHandle",
                handle != NULL ? "one from there" : "some other");
    expect_outcome(MUST("UPC-01"), "WSPCloseSocket of a new socket", spi_close(socket),
                   ONE_OF(RETURNS(0)));
    if (handle != NULL && !handle->ifs) {
        expect_number(handle->closed == 0 ? leaking(MUST("UPC-01")) : MUST("UPC-01"),
                      "WPUCloseSocketHandle calls for the closed socket", 1, handle->closed);
    }
    while (entry->started > 0) {
        entry->started--;
        expect_outcome(MUST("STARTUP-08"), "WSPCleanup for a successful WSPStartup",
                       spi_cleanup(entry), ONE_OF(RETURNS(0)));
    }
}

CASE(startup, opens_closes_and_cleans_up) = {
    .run = opens_closes_and_cleans_up,
    .function = SPI_WSPCleanup,
    .requirements = "STARTUP-08 UPC-01",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT | MODE_NO_CALLBACK,
    .does = "opens a socket, closes it, and cleans up",
    .must = "each returns 0, and the socket's handle is given back once",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .gate = true,
};
