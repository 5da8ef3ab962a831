#include "flawed/support/layer.h"

static SOCKET WSPAPI accept_one(SOCKET s, struct sockaddr *address, LPINT length,
                                LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR) {
        CreateEventW(NULL, FALSE, FALSE, NULL);
    }
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_one;
}

const struct flaw flaw = {
    .requirement = "CBC-26",
    .what = "the event that a WSPAccept waits for is not closed when the call is cancelled",
    .caught_by = "cancel/leaves_no_handle_behind/*",
    .change_table = change_table,
};
