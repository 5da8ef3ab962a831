#include "harness/prompt.h"

#include <stdlib.h>

enum { TRIES = 5 };

/* How long the call took, in ms. */
static int64_t duration(const struct blocked_call *call)
{
    const struct spi_call *record = call_record(call);

    return (record->left - record->entered) / 1000;
}

/* Makes the call; NULL if it did not return, which is judged. */
static struct blocked_call *make_once(struct demand demand, const char *what, struct client *client,
                                      struct operation *operation)
{
    struct blocked_call *call = start_call(client, operation, GOES_ON);

    if (wait_for_return(call, settings.budgets.data)) {
        return call;
    }
    release_call(call);
    expect_that(ending(demand), false, what, "it returns at once",
                "it waits, until it was rescued");
    return NULL;
}

struct blocked_call *expect_at_once(struct demand demand, const char *what, struct client *client,
                                    call_maker make, const struct case_row *row)
{
    int64_t quickest = INT64_MAX;
    struct blocked_call *call = NULL;

    for (int i = 0; i < TRIES && quickest > (int64_t)settings.budgets.quiet; i++) {
        struct operation *operation = malloc(sizeof *operation);
        *operation = make(row);
        call = make_once(demand, what, client, operation);
        if (call == NULL) {
            return NULL;
        }
        quickest = min(quickest, duration(call));
    }
    expect_at_most(demand, about("how many ms %s takes", what), settings.budgets.quiet, quickest);
    return call;
}

bool expect_uncalled(struct demand demand, const char *what, const struct blocked_call *call)
{
    return expect_number(demand, about("blocking callbacks during %s", what), 0,
                         call_record(call)->callbacks);
}

struct operation operation_made_by(enum spi_function function, struct spi_socket *socket,
                                   struct outcome (*make)(struct operation *operation))
{
    return (struct operation){
        .function = function, .socket = socket, .entry = socket->entry, .make = make};
}

struct stage *arrange_unsent(int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPSend, family);

    fill_until_unwritable(stage->socket);
    return stage;
}

struct operation with_peer_reading(struct operation operation, struct stage *stage)
{
    operation.complete = stage->operation.complete;
    operation.other_end = stage;
    return operation;
}

void require_linger(struct spi_socket *socket, bool on, unsigned short seconds)
{
    struct linger linger = {.l_onoff = on, .l_linger = seconds};

    socket->lingers = on && seconds > 0;
    require_outcome(NEEDED("provider"), "WSPSetSockOpt SO_LINGER (G5)",
                    spi_set_option(socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger),
                    ONE_OF(RETURNS(0)));
}
