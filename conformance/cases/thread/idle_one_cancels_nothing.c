#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family, driven)                                            \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .modes = (driven), .rests_on = "startup/starts " RESTS_ON_RELEASED(call)                   \
    }

/*
 * Without a callback it takes a while to show that a call waits: one family will do. A connect
 * needs its callback, to be cancelled in the end: its peer lets it complete only after a second.
 * So does a WSPIoctl, which nothing lets complete.
 */
#define ROWS(version, address_family, driven)                                                      \
    ROW(connect, WSPConnect, version, address_family, MODE_DIRECT),                                \
        ROW(accept, WSPAccept, version, address_family, driven),                                   \
        ROW(select, WSPSelect, version, address_family, driven),                                   \
        ROW(recv, WSPRecv, version, address_family, driven),                                       \
        ROW(recvfrom, WSPRecvFrom, version, address_family, driven),                               \
        ROW(send, WSPSend, version, address_family, driven)

/* The call has a timeout of its own, which is a long way off. */
#define TIMED_ROW(call, spi)                                                                       \
    {                                                                                              \
        .name = #call "_timed_ipv4", .function = SPI_##spi, .family = AF_INET, .variant = TIMED,   \
        .modes = MODE_DIRECT, .rests_on = "startup/starts " RESTS_ON_RELEASED(call)                \
    }

enum variant { UNTIMED, TIMED };

static const struct case_row calls[] = {
    ROWS(4, AF_INET, DRIVEN_DIRECTLY),
    ROWS(6, AF_INET6, MODE_DIRECT),
    TIMED_ROW(select, WSPSelect),
    TIMED_ROW(recv, WSPRecv),
    TIMED_ROW(recvfrom, WSPRecvFrom),
    TIMED_ROW(send, WSPSend),
    {.name = "ioctl_ipv4",
     .function = SPI_WSPIoctl,
     .family = AF_INET,
     .modes = MODE_DIRECT,
     .rests_on = "startup/starts callback/is_called_at_all"},
    {.name = NULL},
};

enum { CANCELS = 5, A_MINUTE_MS = 60000 };

static struct operation *timed(struct stage *stage, enum variant variant)
{
    if (variant == TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }
    return &stage->operation;
}

struct idle_cancels {
    struct entry *entry;
    struct outcome outcome[CANCELS];
};

static void cancel_repeatedly(void *argument)
{
    struct idle_cancels *cancels = argument;

    for (int i = 0; i < CANCELS; i++) {
        cancels->outcome[i] = spi_cancel(cancels->entry);
    }
}

/* Ends the case if the cancels do not return. */
static void wait_for_cancels(struct client *t2)
{
    if (!client_wait(t2, settings.budgets.cancel)) {
        provider_skip_clean_up();
        stop_case(ending(MUST("THR-02")), "WSPCancelBlockingCall on T2, while T1 is blocked",
                  "it returns", "no return");
    }
}

static void judge_cancels(const struct idle_cancels *cancels, const char *when)
{
    const char *what = about("WSPCancelBlockingCall on T2, which is idle, while T1 %s", when);

    for (int i = 0; i < CANCELS; i++) {
        expect_nothing_to_cancel(MUST("CBC-13"), what, cancels->outcome[i]);
        expect_nothing_to_cancel(MUST("THR-02"), what, cancels->outcome[i]);
    }
}

/*
 * CBC-13, THR-02 (WSPCancelBlockingCall: S6, S7): a thread that is in no call has nothing to
 * cancel, although another one is blocked; and that one goes on waiting, and completes.
 */
static void idle_one_cancels_nothing(const struct case_row *row)
{
    /* A socket on which T1's call can only wait, and a thread that is in no call. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    struct idle_cancels inside = {.entry = stage->operation.entry};
    struct idle_cancels outside = {.entry = stage->operation.entry};
    static volatile LONG told;
    struct blocked_call *call =
        start_call(t1, timed(stage, row->variant), held_before(CANCELS_WHEN_TOLD(&told)));

    if (row->function == SPI_WSPIoctl) {
        require_code_offered(stage, call);
        require_ioctl_called_back(call);
    }

    /* T1 blocks, and holds still in its callback. T2 cancels, or waits until it may. */
    if (settings.mode == MODE_NO_CALLBACK) {
        prove_blocked(call, 1);
    } else {
        prove_held(call);
        client_post(t2, cancel_repeatedly, &inside);
        client_wait(t2, settings.budgets.quiet);
        let_go(call);
        wait_for_cancels(t2);
        judge_cancels(&inside, "is in its callback");
    }

    /* T2 cancels while T1 waits in the provider. */
    client_post(t2, cancel_repeatedly, &outside);
    wait_for_cancels(t2);
    judge_cancels(&outside, "waits in the provider");

    /* T1's call is still blocked, and ends when its peer lets it complete, or when T1 cancels. */
    if (!expect_still_blocked(
            call, MUST("THR-02"),
            about("%s on T1, after the cancels on T2", spi_function_name(row->function)))) {
        return;
    }
    if (row->function == SPI_WSPConnect || row->function == SPI_WSPIoctl) {
        InterlockedExchange(&told, 1);
        join_cancelled(call, MUST("THR-02"));
    } else {
        expect_completes(MUST("THR-02"), stage, call);
    }
}

CASE(thread, idle_one_cancels_nothing) = {
    .run = idle_one_cancels_nothing,
    .function = FROM_ROW,
    .requirements = "THR-02 CBC-13",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cancels repeatedly on an idle thread while another one is blocked",
    .must = "the cancels fail with WSAEINVAL; the blocked call goes on waiting, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED,
    .rows = calls,
};
