#include "flawed/support/storage.h"

#include <stdlib.h>

static SRWLOCK lock = SRWLOCK_INIT;
static struct storage *given_back;
static DWORD slot = FLS_OUT_OF_INDEXES;

static void WINAPI give_back(void *value)
{
    struct storage *storage = value;

    AcquireSRWLockExclusive(&lock);
    storage->next = given_back;
    given_back = storage;
    ReleaseSRWLockExclusive(&lock);
}

/* The library may be unloaded before its threads have ended. */
static void __attribute__((destructor)) free_slot(void)
{
    if (slot != FLS_OUT_OF_INDEXES) {
        FlsFree(slot);
    }
}

void keep_storage(void)
{
    if (slot == FLS_OUT_OF_INDEXES) {
        slot = FlsAlloc(give_back);
    }
}

struct storage *storage_of_thread(void)
{
    return FlsGetValue(slot);
}

struct storage *take_storage(void)
{
    struct storage *storage;

    AcquireSRWLockExclusive(&lock);
    storage = given_back;
    if (storage != NULL) {
        given_back = storage->next;
    }
    ReleaseSRWLockExclusive(&lock);
    if (storage == NULL) {
        storage = calloc(1, sizeof *storage);
    }
    FlsSetValue(slot, storage);
    return storage;
}
