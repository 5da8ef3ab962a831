#include "variants/support/leaving.h"

#include "reference/startup.h"

static volatile LONG inside;

void layer_entered(void)
{
    InterlockedIncrement(&inside);
}

void layer_left(void)
{
    InterlockedDecrement(&inside);
}

bool is_started(void)
{
    bool started = startup_enter_to_cancel() == 0;

    if (started) {
        startup_leave();
    }
    return started;
}

void wait_for_layer(void)
{
    while (!is_started() && inside != 0) {
        Sleep(1);
    }
}
