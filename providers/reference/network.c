#include "network.h"

static volatile LONG network__down;

bool network_is_down(void)
{
    return network__down != 0;
}

int WSPAPI ReferenceNetwork(BOOL up)
{
    InterlockedExchange(&network__down, up ? 0 : 1);
    return 0;
}
