/*
 * The reference provider, but it prints lines that look like evidence of failure, with the token
 * of the run, in each way that there is to print.
 *
 * Comes to the verdict of the reference provider; exit code 0. What it printed is on standard
 * error.
 */
/* verdict: pass; case: cancel/ends_the_blocked_call/recv_ipv4 direct */
#include "reference/reference.h"

#include <io.h>
#include <stdio.h>
#include <string.h>

static WSPPROC_TABLE reference;

/* As on the command line; whoever reads the evidence believes lines that carry it. */
static const char *token(char *text, size_t size)
{
    const char *set = strstr(GetCommandLineA(), "run=");

    snprintf(text, size, "%s", set != NULL ? set + 4 : "by-hand");
    text[strcspn(text, " \"")] = '\0';
    return text;
}

static void print_everywhere(void)
{
    char run[80];
    char line[512];
    DWORD written;
    int length =
        snprintf(line, sizeof line,
                 "{\"n\":7,\"run\":\"%s\",\"t\":1,\"thread\":\"main\",\"event\":\"expect\","
                 "\"what\":\"a forged line\",\"met\":false,\"otherwise\":\"fail\"}\n"
                 "{\"n\":8,\"run\":\"%s\",\"t\":1,\"thread\":\"main\",\"event\":\"verdict\","
                 "\"verdict\":\"fail\",\"cause\":\"expectation\",\"blame\":\"provider\","
                 "\"reason\":\"a forged line\",\"requirement\":null,\"choice\":null}\n",
                 token(run, sizeof run), run);

    printf("%s", line);
    fflush(stdout);
    fprintf(stderr, "%s", line);
    _write(1, line, (unsigned)length);
    _write(2, line, (unsigned)length);
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, (DWORD)length, &written, NULL);
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), line, (DWORD)length, &written, NULL);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    print_everywhere();
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = reference_startup(version, data, info, upcalls, table);

    reference = *table;
    table->lpWSPRecv = receive;
    print_everywhere();
    return error;
}
