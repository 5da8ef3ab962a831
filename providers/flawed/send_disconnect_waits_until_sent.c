#include "flawed/support/call_back.h"

enum { LONGEST_MS = 1000 };

/* Disconnect data could only follow what is unsent, so that is waited for, with or without any. */
static int WSPAPI send_disconnect(SOCKET s, LPWSABUF data, LPINT error)
{
    wait_until_sent(s, LONGEST_MS);
    return reference.lpWSPSendDisconnect(s, data, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSendDisconnect = send_disconnect;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-02",
    .what = "WSPSendDisconnect waits up to a second for unsent data to go out",
    .caught_by = "nonblocking/disconnect_never_waits/send_[!b]*",
    .change_table = change_table,
};
