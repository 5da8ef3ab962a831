#include "variants/support/variant.h"

/* As a slow machine does it, but not so slow that a stream would take minutes. */
enum { MUCH = 16 << 10, LONG_MS = 700 };

static int WSPAPI control(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                          DWORD out_size, LPDWORD returned, LPWSAOVERLAPPED overlapped,
                          LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                          LPINT error)
{
    if (code == (DWORD)FIONBIO && in != NULL && in_size >= sizeof(u_long)) {
        mark_socket(s, *(const u_long *)in != 0);
    }
    return reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine,
                                thread, error);
}

static int after(struct call *call, int error)
{
    bool is_much = call->transferred != NULL && *call->transferred >= MUCH;

    if (call->entry == ENTRY_WSPRecv && error == 0 && is_much && mark_of_socket(call->socket)) {
        Sleep(LONG_MS);
    }
    return error;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = control;
}

const struct variant variant = {
    .requirement = "NB-01",
    .why_allowed =
        "a receive on a non-blocking socket waits for nobody, but it may take its time to "
        "copy what is there",
    .touches = "recv/leaves_its_memory_alone/ipv4 nested/what_never_waits_works/send_ipv4",
    .after = after,
    .change_table = change_table,
};
