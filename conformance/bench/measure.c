/*
 * measure.exe: what waiting and cancelling cost in a provider, in figures of one process.
 *
 * It plays ws2_32 as leanly as that can be done, and not through the harness, whose evidence would
 * be measured along. All is done with WSPAccept on a listener that nobody connects to: a cancelled
 * accept leaves its socket as it was (S16), so one socket serves every round.
 *
 * Prints one JSON object: times in microseconds, shares and ratios as they are.
 */
#include <winsock2.h>

#include <ws2spi.h>

#include <ws2tcpip.h>

#include <windows.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 10000, WAIT_MS = 3000, HANDLES = 16 };

struct handle {
    SOCKET handle;
    DWORD_PTR context;
};

static WSPPROC_TABLE table;
static struct handle handles[HANDLES];
static double ticks_in_a_microsecond;

static int64_t ticks(void)
{
    LARGE_INTEGER now;

    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

static double microseconds(int64_t from, int64_t to)
{
    return (double)(to - from) / ticks_in_a_microsecond;
}

static void __attribute__((noreturn)) give_up(const char *what, int error)
{
    fprintf(stderr, "measure: %s: error %d\n", what, error);
    exit(1);
}

/* --- What ws2_32 offers to a provider ------------------------------------------------------- */

static SOCKET WSPAPI create_handle(DWORD catalog_entry, DWORD_PTR context, LPINT error)
{
    (void)catalog_entry;
    for (unsigned i = 0; i < HANDLES; i++) {
        if (handles[i].handle == 0) {
            handles[i].handle = (SOCKET)CreateEventW(NULL, TRUE, FALSE, NULL);
            handles[i].context = context;
            return handles[i].handle;
        }
    }
    *error = WSAENOBUFS;
    return INVALID_SOCKET;
}

static struct handle *handle_of(SOCKET handle)
{
    for (unsigned i = 0; i < HANDLES; i++) {
        if (handles[i].handle == handle) {
            return &handles[i];
        }
    }
    return NULL;
}

static int WSPAPI query_context(SOCKET handle, PDWORD_PTR context, LPINT error)
{
    const struct handle *found = handle_of(handle);

    if (found == NULL) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    *context = found->context;
    return 0;
}

static int WSPAPI close_handle(SOCKET handle, LPINT error)
{
    struct handle *found = handle_of(handle);

    if (found == NULL) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    CloseHandle((HANDLE)handle);
    memset(found, 0, sizeof *found);
    return 0;
}

/* For IFS providers: their handles are the system's already. */
static SOCKET WSPAPI modify_handle(DWORD catalog_entry, SOCKET proposed, LPINT error)
{
    (void)catalog_entry;
    (void)error;
    return proposed;
}

static LPBLOCKINGCALLBACK blocking_callback;

static int WSPAPI query_callback(DWORD catalog_entry, LPBLOCKINGCALLBACK *callback,
                                 PDWORD_PTR context, LPINT error)
{
    (void)catalog_entry;
    (void)error;
    *callback = blocking_callback;
    *context = 0;
    return 0;
}

/* --- One blocked accept --------------------------------------------------------------------- */

static void block_in_accept(SOCKET listener, LPBLOCKINGCALLBACK callback)
{
    int error = 0;

    blocking_callback = callback;
    if (table.lpWSPAccept(listener, NULL, NULL, NULL, 0, &error) != INVALID_SOCKET ||
        error != WSAEINTR) {
        give_up("WSPAccept was cancelled and did not say WSAEINTR", error);
    }
}

static struct {
    unsigned callbacks;
    int64_t entered;
    int64_t first;
    int64_t last;
    double longest_gap;
    double used; /* by this thread when it was called back first, then until it was last */
} waiting;

static double thread_microseconds(void)
{
    FILETIME created;
    FILETIME ended;
    ULARGE_INTEGER kernel;
    ULARGE_INTEGER user;
    FILETIME times[2];

    GetThreadTimes(GetCurrentThread(), &created, &ended, &times[0], &times[1]);
    memcpy(&kernel, &times[0], sizeof kernel);
    memcpy(&user, &times[1], sizeof user);
    return (double)(kernel.QuadPart + user.QuadPart) / 10;
}

static BOOL CALLBACK watch_the_wait(DWORD_PTR context)
{
    int64_t now = ticks();
    int error;

    (void)context;
    if (++waiting.callbacks == 1) {
        waiting.first = now;
        waiting.used = thread_microseconds();
    } else if (microseconds(waiting.last, now) > waiting.longest_gap) {
        waiting.longest_gap = microseconds(waiting.last, now);
    }
    waiting.last = now;
    if (microseconds(waiting.first, now) < WAIT_MS * 1000.0) {
        return TRUE;
    }
    waiting.used = thread_microseconds() - waiting.used;
    return table.lpWSPCancelBlockingCall(&error) != 0;
}

static int64_t callback_left;

static BOOL CALLBACK cancel_at_once(DWORD_PTR context)
{
    int error;
    BOOL answer = table.lpWSPCancelBlockingCall(&error) != 0;

    (void)context;
    callback_left = ticks();
    return answer;
}

static double look_once(SOCKET listener)
{
    struct timeval at_once = {0, 0};
    fd_set set;
    int64_t began;
    int error = 0;
    int count;

    FD_ZERO(&set);
    FD_SET(listener, &set);
    began = ticks();
    count = table.lpWSPSelect(1, &set, NULL, NULL, &at_once, &error);
    if (count != 0) {
        give_up("WSPSelect with a timeout of zero", error);
    }
    return microseconds(began, ticks());
}

/* --- Everything ----------------------------------------------------------------------------- */

static void start(const char *library)
{
    WSPUPCALLTABLE upcalls = {
        .lpWPUCreateSocketHandle = create_handle,
        .lpWPUCloseSocketHandle = close_handle,
        .lpWPUQuerySocketHandleContext = query_context,
        .lpWPUModifyIFSHandle = modify_handle,
        .lpWPUQueryBlockingCallback = query_callback,
    };
    WSAPROTOCOL_INFOW info = {
        .dwServiceFlags1 = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE,
        .dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO,
        .dwCatalogEntryId = 1001,
        .ProtocolChain = {.ChainLen = 1},
        .iVersion = 2,
        .iAddressFamily = AF_INET,
        .iMaxSockAddr = sizeof(struct sockaddr_in),
        .iMinSockAddr = sizeof(struct sockaddr_in),
        .iSocketType = SOCK_STREAM,
        .iProtocol = IPPROTO_TCP,
    };
    HMODULE module = LoadLibraryA(library);
    LPWSPSTARTUP startup = NULL;
    WSPDATA data;
    int error;

    if (module != NULL) {
        startup = (LPWSPSTARTUP)(void (*)(void))GetProcAddress(module, "WSPStartup");
    }
    if (startup == NULL) {
        give_up("there is no WSPStartup in the provider", (int)GetLastError());
    }
    error = startup(MAKEWORD(2, 2), &data, &info, upcalls, &table);
    if (error != 0) {
        give_up("WSPStartup", error);
    }
}

static SOCKET listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int error = 0;
    SOCKET listener =
        table.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED, &error);

    if (listener == INVALID_SOCKET ||
        table.lpWSPBind(listener, (struct sockaddr *)&address, sizeof address, &error) != 0 ||
        table.lpWSPListen(listener, 5, &error) != 0) {
        give_up("a listening socket", error);
    }
    return listener;
}

static int by_size(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;

    return difference < 0 ? -1 : difference > 0;
}

static double percentile(double *sorted, unsigned percent)
{
    return sorted[(size_t)(ROUNDS - 1) * percent / 100];
}

int main(int argc, char **argv)
{
    static double looks[ROUNDS];
    static double ends[ROUNDS];
    LARGE_INTEGER frequency;
    SOCKET listener;
    int error;

    if (argc != 2) {
        fputs("usage: measure.exe PROVIDER.dll\n", stderr);
        return 2;
    }
    QueryPerformanceFrequency(&frequency);
    ticks_in_a_microsecond = (double)frequency.QuadPart / 1e6;
    start(argv[1]);
    listener = listen_on_loopback();

    waiting.entered = ticks();
    block_in_accept(listener, watch_the_wait);

    /* In turn, so that what else the machine does falls on both alike. */
    for (unsigned i = 0; i < ROUNDS; i++) {
        looks[i] = look_once(listener);
        block_in_accept(listener, cancel_at_once);
        ends[i] = microseconds(callback_left, ticks());
    }
    qsort(looks, ROUNDS, sizeof looks[0], by_size);
    qsort(ends, ROUNDS, sizeof ends[0], by_size);

    printf("{\"waited_us\": %.0f, \"callbacks\": %u, \"first_callback_us\": %.0f,"
           " \"longest_gap_us\": %.0f, \"processor_share\": %.5f,"
           " \"processor_us_in_all\": %.0f, \"cancels\": %d, \"select_p50_us\": %.2f, "
           "\"end_p50_us\": %.2f,"
           " \"end_p99_us\": %.2f, \"select_p99_us\": %.2f}\n",
           microseconds(waiting.first, waiting.last), waiting.callbacks,
           microseconds(waiting.entered, waiting.first), waiting.longest_gap,
           waiting.used / microseconds(waiting.first, waiting.last), thread_microseconds(), ROUNDS,
           percentile(looks, 50), percentile(ends, 50), percentile(ends, 99),
           percentile(looks, 99));

    table.lpWSPCloseSocket(listener, &error);
    table.lpWSPCleanup(&error);
    return 0;
}
