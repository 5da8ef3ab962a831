/*
 * The reference provider, but it starts another process when it is started, which has no console,
 * has all inheritable handles, and never ends by itself: a command interpreter that reads from a
 * pipe whose other end it holds itself.
 *
 * Comes to the verdict of the reference provider; exit code 0. The other process ends with the
 * case.
 */
/* verdict: pass; case: startup/starts direct */
#include "reference/reference.h"

static void detach_child(void)
{
    WCHAR command[] = L"cmd.exe /q /k";
    SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof inheritable, .bInheritHandle = TRUE};
    STARTUPINFOW how = {.cb = sizeof how, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION child;
    HANDLE never_written;

    CreatePipe(&how.hStdInput, &never_written, &inheritable, 0);
    how.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    how.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (CreateProcessW(NULL, command, NULL, NULL, TRUE, DETACHED_PROCESS, NULL, NULL, &how,
                       &child)) {
        CloseHandle(child.hThread);
        CloseHandle(child.hProcess);
    }
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = reference_startup(version, data, info, upcalls, table);

    detach_child();
    return error;
}
