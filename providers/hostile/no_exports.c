/*
 * A DLL that exports nothing at all.
 *
 * Comes to a verdict line that names the missing export (STARTUP-01); exit code 1. Whoever
 * certifies such a DLL is told before any case is run.
 */
/* verdict: fail expectation; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
    (void)self;
    (void)reserved;
    (void)reason;
    return TRUE;
}
