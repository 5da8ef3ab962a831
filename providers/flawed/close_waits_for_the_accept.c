#include "flawed/support/held_open.h"

static SOCKET WSPAPI accept_held(SOCKET s, struct sockaddr *address, LPINT length,
                                 LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted;

    hold_open(s);
    accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
    let_close();
    return accepted;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_held;
    put_closes_off(table);
}

const struct flaw flaw = {
    .requirement = "ACCEPT-14",
    .what = "WSPCloseSocket leaves a listener open for as long as another thread's WSPAccept waits",
    .caught_by = "close/ends_the_call_of_another_thread/accept_*",
    .change_table = change_table,
};
