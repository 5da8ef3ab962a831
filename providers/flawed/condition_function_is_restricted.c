#include "flawed/support/layer.h"

/* The client's condition function, while it runs on this thread. */
struct asking {
    LPCONDITIONPROC condition;
    DWORD_PTR data;
};

static __thread bool is_asked;

static int CALLBACK ask(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
                        LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    const struct asking *asking = (const struct asking *)data;
    int answer;

    is_asked = true;
    answer = asking->condition(caller, caller_data, sqos, gqos, callee, callee_data, group,
                               asking->data);
    is_asked = false;
    return answer;
}

static SOCKET WSPAPI accept_asking(SOCKET s, struct sockaddr *address, LPINT length,
                                   LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    struct asking asking = {condition, data};

    if (condition == NULL) {
        return reference.lpWSPAccept(s, address, length, NULL, 0, error);
    }
    return reference.lpWSPAccept(s, address, length, ask, (DWORD_PTR)&asking, error);
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    if (is_asked) {
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPGetSockOpt(s, level, option, value, size, error);
}

static SOCKET WSPAPI make_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info,
                                 GROUP group, DWORD flags, LPINT error)
{
    if (is_asked) {
        *error = WSAEINPROGRESS;
        return INVALID_SOCKET;
    }
    return reference.lpWSPSocket(family, type, protocol, info, group, flags, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_asking;
    table->lpWSPGetSockOpt = get_option;
    table->lpWSPSocket = make_socket;
}

const struct flaw flaw = {
    .requirement = "REENT-07",
    .what = "options and sockets asked for in the condition function of WSPAccept are refused with "
            "WSAEINPROGRESS",
    .caught_by = "nested/condition_function_may_call/*",
    .change_table = change_table,
};
