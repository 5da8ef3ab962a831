#include "harness/case.h"

/* Which thread cleans up what the main thread has started. */
enum { ON_THE_SAME_THREAD, ON_A_NEW_THREAD };

static const struct case_row calls[] = {
    {.name = "recv_ipv4", .function = SPI_WSPRecv, .family = AF_INET},
    {.name = "recvfrom_ipv4", .function = SPI_WSPRecvFrom, .family = AF_INET},
    {.name = "recv_on_a_new_thread_ipv4",
     .function = SPI_WSPRecv,
     .family = AF_INET,
     .variant = ON_A_NEW_THREAD},
    {.name = "recvfrom_on_a_new_thread_ipv4",
     .function = SPI_WSPRecvFrom,
     .family = AF_INET,
     .variant = ON_A_NEW_THREAD},
    {.name = NULL},
};

struct clean_up {
    struct entry *entry;
    struct outcome outcome;
};

static void clean_up(void *argument)
{
    struct clean_up *clean_up = argument;

    clean_up->outcome = spi_cleanup(clean_up->entry);
}

/* Cleans up on the client's thread, which never started anything, or on this one if it is NULL. */
static struct outcome clean_up_on(struct client *client, struct entry *entry)
{
    static struct clean_up made;

    made = (struct clean_up){.entry = entry};
    if (client == NULL) {
        clean_up(&made);
        return made.outcome;
    }
    client_post(client, clean_up, &made);
    if (!client_wait(client, settings.budgets.data)) {
        provider_skip_clean_up();
        stop_case(ending(MUST("STARTUP-08")), "WSPCleanup on a thread that started nothing",
                  "it returns", "no return");
    }
    return made.outcome;
}

/* Closes every socket, and cleans up as often as was started: sockets are none of this business. */
static void clean_up_for_the_last_time(struct client *client)
{
    for (struct spi_socket *socket = provider_sockets(); socket != NULL; socket = socket->next) {
        if (socket->open) {
            require_outcome(NEEDED("provider"), "WSPCloseSocket of an open socket",
                            spi_close(socket), ONE_OF(RETURNS(0)));
        }
    }
    for (int kind = 0; kind < ENTRY_COUNT; kind++) {
        struct entry *entry = provider_entry((enum entry_kind)kind);
        while (entry->started > 0) {
            entry->started--;
            expect_outcome(MUST("STARTUP-08"), "WSPCleanup for a successful WSPStartup",
                           clean_up_on(client, entry), ONE_OF(RETURNS(0)));
        }
    }
}

/* The connection has not been ended, as far as its peer knows. */
static bool expect_alive(const struct stage *stage)
{
    enum peer_end end = stage->function == SPI_WSPRecv ? peer_end(stage->peer, 0) : PEER_CONNECTED;

    return expect_that(MUST("STARTUP-08"), end == PEER_CONNECTED,
                       "a connection after one WSPCleanup for two WSPStartup, at its peer",
                       peer_end_text(PEER_CONNECTED), "%s", peer_end_text(end));
}

/*
 * STARTUP-08 (WSPStartup, WSPCleanup): start-ups are counted. After two of them the first clean-up
 * leaves everything as it is, and after the second one there is nothing left. The process counts,
 * not the thread: it does not matter which one cleans up.
 */
static void calls_are_counted(const struct case_row *row)
{
    /* A provider with a socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct entry *entry = stage->operation.entry;
    struct client *t1 = client_start("T1");
    struct client *cleaner = row->variant == ON_A_NEW_THREAD ? client_start("T2") : NULL;
    struct sockaddr_storage name;
    SOCKET made;

    /* It is started once more, and cleaned up once. */
    require_outcome(MUST("STARTUP-08"), "WSPStartup of a provider that is started",
                    provider_startup(entry, MAKEWORD(2, 2)), ONE_OF(RETURNS(0)));
    entry->started--;
    require_outcome(MUST("STARTUP-08"), "the first WSPCleanup for two WSPStartup",
                    clean_up_on(cleaner, entry), ONE_OF(RETURNS(0)));

    /* Its sockets work as before: the name, a call, and new ones are made. */
    if (!expect_outcome(MUST("STARTUP-08"),
                        "WSPGetSockName after one WSPCleanup for two WSPStartup",
                        spi_get_sock_name(stage->socket, &name), ONE_OF(RETURNS(0))) ||
        !expect_alive(stage) ||
        !expect_completes(MUST("STARTUP-08"), stage, start_call(t1, &stage->operation, GOES_ON))) {
        return;
    }
    if (expect_outcome(MUST("STARTUP-08"), "WSPSocket after one WSPCleanup for two WSPStartup",
                       spi_socket(entry, WSA_FLAG_OVERLAPPED, &made), ONE_OF(SUCCEEDS))) {
        provider_adopt(entry, made, "a socket made after");
    }

    /* After the last clean-up there are no sockets to be had. */
    clean_up_for_the_last_time(cleaner);
    expect_outcome(MUST("STARTUP-08"), "WSPSocket after as many WSPCleanup as WSPStartup",
                   spi_socket(entry, WSA_FLAG_OVERLAPPED, &made),
                   ONE_OF(FAILS_WITH(WSANOTINITIALISED)));
}

CASE(startup, calls_are_counted) = {
    .run = calls_are_counted,
    .function = SPI_WSPCleanup,
    .requirements = "STARTUP-08",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "starts the provider twice and cleans it up twice, on whatever thread",
    .must = "sockets work until the second WSPCleanup, after which WSPSocket fails with "
            "WSANOTINITIALISED",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = calls,
};
