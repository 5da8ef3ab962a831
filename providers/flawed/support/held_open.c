#include "flawed/support/held_open.h"

static SRWLOCK lock = SRWLOCK_INIT;
static SOCKET held = INVALID_SOCKET;
static bool to_be_closed;

void hold_open(SOCKET s)
{
    AcquireSRWLockExclusive(&lock);
    held = s;
    to_be_closed = false;
    ReleaseSRWLockExclusive(&lock);
}

void let_close(void)
{
    SOCKET s;
    bool closes;
    int error;

    AcquireSRWLockExclusive(&lock);
    s = held;
    closes = to_be_closed;
    held = INVALID_SOCKET;
    ReleaseSRWLockExclusive(&lock);
    if (closes) {
        reference.lpWSPCloseSocket(s, &error);
    }
}

static int WSPAPI close_later(SOCKET s, LPINT error)
{
    bool later;

    AcquireSRWLockExclusive(&lock);
    later = s == held;
    to_be_closed = to_be_closed || later;
    ReleaseSRWLockExclusive(&lock);
    return later ? 0 : reference.lpWSPCloseSocket(s, error);
}

void put_closes_off(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_later;
}
