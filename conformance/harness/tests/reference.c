/*
 * What the reference provider can do and no case asks of it, driven as a case would drive it. The
 * tests build on one another in this: the provider is started by the first, and the last is its
 * last clean-up.
 */
#include "harness/afterwards.h"
#include "harness/evidence.h"
#include "harness/joined.h"
#include "harness/upcall.h"

#include "tests.h"

#include <stdlib.h>
#include <string.h>

enum { MANY_CONNECTIONS = 1000, MANY_SOCKETS = 512, PATIENCE_MS = 5000, MESSAGE = WM_APP + 7 };

static struct client *t1;

static void fail_the_test(const char *reason)
{
    ck_abort_msg("%s", reason);
}

/* The provider lies beside this program. */
static const wchar_t *path_of_the_provider(void)
{
    static const wchar_t beneath[] = L"\\providers\\reference.dll";
    static wchar_t path[MAX_PATH + ARRAYSIZE(beneath)];

    GetModuleFileNameW(NULL, path, MAX_PATH);
    wcscpy(wcsrchr(path, L'\\'), beneath);
    return path;
}

static void start(void)
{
    if (t1 == NULL) {
        settings.provider_path = path_of_the_provider();
        expect_set_way_out(fail_the_test);
        peers_start();
        thread_set_name("main");
        t1 = client_start("T1");
    }
}

static struct stage *pending(enum spi_function function, enum completion how)
{
    struct stage *stage;

    start();
    stage = arrange_blocked(function, AF_INET);
    begin_pending(t1, stage, how);
    return stage;
}

static struct outcome result_of(const struct stage *stage, bool wait, DWORD *bytes)
{
    DWORD flags = 0;

    return spi_get_overlapped_result(
        stage->socket, overlapped_structure(stage->operation.overlapped), bytes, wait, &flags);
}

static bool is_told(const struct stage *stage)
{
    return overlapped_wait(stage->operation.overlapped, t1, PATIENCE_MS);
}

static DWORD status_of(const struct stage *stage)
{
    return (DWORD)overlapped_structure(stage->operation.overlapped)->Internal;
}

START_TEST(a_receive_is_completed_by_its_event)
{
    struct stage *stage = pending(SPI_WSPRecv, BY_EVENT);
    DWORD bytes = 1;

    ck_assert(outcome_is_error(result_of(stage, false, &bytes), WSA_IO_INCOMPLETE));
    ck_assert_uint_eq(bytes, 1);
    ck_assert_uint_eq(status_of(stage), WSS_OPERATION_IN_PROGRESS);
    stage_complete(stage);
    ck_assert(is_told(stage));
    ck_assert(!result_of(stage, false, &bytes).failed);
    ck_assert_uint_eq(bytes, STAGE_DATA_SIZE);
}
END_TEST

START_TEST(a_routine_runs_on_the_thread_that_made_the_call)
{
    struct stage *stage = pending(SPI_WSPRecvFrom, BY_ROUTINE);
    const struct overlapped *overlapped = stage->operation.overlapped;

    stage_complete(stage);
    ck_assert(is_told(stage));
    ck_assert_uint_eq(overlapped->ran_on, client_thread(t1)->id);
    ck_assert_int_eq(overlapped->routines, 1);
    ck_assert_uint_eq(overlapped->error, 0);
    ck_assert_uint_eq(overlapped->bytes, STAGE_DATA_SIZE);
}
END_TEST

START_TEST(what_finishes_at_once_is_complete_when_the_call_returns)
{
    struct stage *stage;
    struct blocked_call *call;
    DWORD bytes = 0;

    start();
    stage = arrange_blocked(SPI_WSPRecv, AF_INET);
    stage_complete(stage);
    ck_assert(wait_until_readable(stage->socket));
    call = begin_overlapped(t1, stage, BY_EVENT);
    ck_assert(!call_outcome(call).failed);
    ck_assert(overlapped_has_completed(stage->operation.overlapped));
    ck_assert_uint_eq(operation_transferred(&stage->operation), STAGE_DATA_SIZE);
    ck_assert(!result_of(stage, false, &bytes).failed);
    ck_assert_uint_eq(bytes, STAGE_DATA_SIZE);
}
END_TEST

struct waiting {
    struct stage *stage;
    struct outcome outcome;
    DWORD bytes;
};

static void wait_for_the_result(void *argument)
{
    struct waiting *waiting = argument;

    waiting->outcome = result_of(waiting->stage, true, &waiting->bytes);
}

START_TEST(a_result_can_be_waited_for)
{
    struct stage *stage = pending(SPI_WSPRecv, BY_EVENT);
    struct waiting waiting = {.stage = stage};

    client_post(t1, wait_for_the_result, &waiting);
    ck_assert(!client_wait(t1, 60));
    stage_complete(stage);
    ck_assert(client_wait(t1, PATIENCE_MS));
    ck_assert(!waiting.outcome.failed);
    ck_assert_uint_eq(waiting.bytes, STAGE_DATA_SIZE);
}
END_TEST

START_TEST(receives_complete_in_their_order)
{
    struct stage *first = pending(SPI_WSPRecv, BY_EVENT);
    struct stage *second = arrange_again(first);
    const unsigned char byte[] = {1, 2};
    DWORD bytes = 0;

    begin_pending(t1, second, BY_EVENT);
    peer_send(first->peer, &byte[0], 1);
    ck_assert(is_told(first));
    ck_assert(!overlapped_has_completed(second->operation.overlapped));
    peer_send(first->peer, &byte[1], 1);
    ck_assert(is_told(second));
    ck_assert(!result_of(second, false, &bytes).failed);
    ck_assert_uint_eq(bytes, 1);
    ck_assert_uint_eq(first->operation.data->bytes[0], 1);
    ck_assert_uint_eq(second->operation.data->bytes[0], 2);
}
END_TEST

START_TEST(a_send_completes_when_all_of_it_is_taken)
{
    struct stage *stage = pending(SPI_WSPSend, BY_EVENT);
    DWORD bytes = 0;

    stage_complete(stage);
    ck_assert(is_told(stage));
    ck_assert(!result_of(stage, false, &bytes).failed);
    ck_assert_uint_eq(bytes, stage->operation.data->size);
}
END_TEST

START_TEST(a_reset_ends_a_pending_receive)
{
    struct stage *stage = pending(SPI_WSPRecv, BY_EVENT);
    DWORD bytes = 0;

    peer_reset(stage->peer);
    ck_assert(is_told(stage));
    ck_assert(outcome_is_error(result_of(stage, false, &bytes), WSAECONNRESET));
}
END_TEST

START_TEST(a_datagram_that_is_too_long_is_cut)
{
    struct stage *stage = pending(SPI_WSPRecvFrom, BY_EVENT);
    struct stage *at_once = arrange_again(stage);
    unsigned char bytes[2 * STAGE_DATA_SIZE] = {1, 2, 3};
    DWORD count = 0;

    peer_send_to(stage->peer, &stage->address, bytes, sizeof bytes);
    ck_assert(is_told(stage));
    ck_assert(outcome_is_error(result_of(stage, false, &count), WSAEMSGSIZE));
    ck_assert_int_eq(memcmp(stage->operation.data->bytes, bytes, STAGE_DATA_SIZE), 0);

    /* The same where it is there before the call. */
    peer_send_to(stage->peer, &stage->address, bytes, sizeof bytes);
    ck_assert(wait_until_readable(stage->socket));
    ck_assert(outcome_is_error(call_outcome(begin_overlapped(t1, at_once, BY_EVENT)), WSAEMSGSIZE));
    ck_assert_int_eq(memcmp(at_once->operation.data->bytes, bytes, STAGE_DATA_SIZE), 0);
}
END_TEST

START_TEST(a_close_calls_off_what_is_pending)
{
    struct stage *by_event = pending(SPI_WSPRecv, BY_EVENT);
    struct stage *by_routine = pending(SPI_WSPRecvFrom, BY_ROUTINE);

    ck_assert(!spi_close(by_event->socket).failed);
    ck_assert(!spi_close(by_routine->socket).failed);
    ck_assert(is_told(by_event));
    ck_assert_uint_eq(status_of(by_event), WSA_OPERATION_ABORTED);
    ck_assert(is_told(by_routine));
    ck_assert_uint_eq(by_routine->operation.overlapped->error, WSA_OPERATION_ABORTED);
    ck_assert(upcall_wait_for_close(by_event->socket->handle, PATIENCE_MS));
    ck_assert(upcall_wait_for_close(by_routine->socket->handle, PATIENCE_MS));
}
END_TEST

START_TEST(a_socket_that_was_not_opened_for_them_ignores_that_a_call_is_overlapped)
{
    struct stage *stage;
    struct blocked_call *call;

    start();
    provider_set_socket_flags(0);
    stage = arrange_blocked(SPI_WSPRecv, AF_INET);
    provider_set_socket_flags(WSA_FLAG_OVERLAPPED);
    stage->operation.overlapped = overlapped_new(BY_EVENT);
    call = start_call(t1, &stage->operation, GOES_ON);
    ck_assert(wait_for_callback(call, 2, PATIENCE_MS));
    stage_complete(stage);
    ck_assert(wait_for_return(call, PATIENCE_MS));
    ck_assert(!call_outcome(call).failed);
    ck_assert_uint_eq(operation_transferred(&stage->operation), STAGE_DATA_SIZE);
}
END_TEST

START_TEST(a_blocking_call_beside_it_has_a_callback_all_the_same)
{
    struct stage *stage = pending(SPI_WSPRecv, BY_EVENT);
    struct stage *blocked = arrange_blocked(SPI_WSPRecv, AF_INET);

    ck_assert(join_cancelled(start_call(t1, &blocked->operation, CANCELS_AT(2)), MUST("CBC-02")));
    ck_assert(!overlapped_has_completed(stage->operation.overlapped));
    stage_complete(stage);
    ck_assert(is_told(stage));
}
END_TEST

/* A connection whose other end is a plain socket, for what peers do not do. */
struct plain_connection {
    struct spi_socket *local;
    SOCKET other;
};

static struct plain_connection connect_plain(void)
{
    struct plain_connection connection;
    struct sockaddr_storage address = local_address(AF_INET);
    int length = address_length(&address);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);

    start();
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, length), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    connection.local = provider_socket(AF_INET, SOCK_STREAM, "stream socket");
    ck_assert(!spi_connect(connection.local, (struct sockaddr *)&address, length).failed);
    connection.other = accept(listener, NULL, NULL);
    ck_assert(connection.other != INVALID_SOCKET);
    closesocket(listener);
    return connection;
}

static bool is_at_mark(struct spi_socket *socket)
{
    u_long at_mark = 9;
    DWORD returned = 0;

    ck_assert(
        !spi_ioctl(socket, (DWORD)SIOCATMARK, NULL, 0, &at_mark, sizeof at_mark, &returned).failed);
    return at_mark != 0;
}

static bool is_urgent(struct spi_socket *socket)
{
    struct buffer *set = new_fd_set("the exception set", &socket, 1);

    return spi_select(socket->entry, NULL, NULL, fd_set_of(set), read_only_timeval(5, 0)).value ==
           1;
}

START_TEST(out_of_band_data_comes_beside_the_stream)
{
    struct plain_connection connection = connect_plain();
    char byte = 0;
    WSABUF buffer = {.len = 1, .buf = &byte};
    DWORD received = 0;
    DWORD flags = MSG_OOB;

    ck_assert(is_at_mark(connection.local));
    ck_assert_int_eq(send(connection.other, "a", 1, 0), 1);
    ck_assert_int_eq(send(connection.other, "!", 1, MSG_OOB), 1);
    ck_assert(is_urgent(connection.local));
    ck_assert(!spi_receive(connection.local, &buffer, 1, &received, &flags).failed);
    ck_assert_int_eq(byte, '!');
    flags = 0;
    ck_assert(!spi_receive(connection.local, &buffer, 1, &received, &flags).failed);
    ck_assert_int_eq(byte, 'a');
}
END_TEST

START_TEST(out_of_band_data_can_be_sent)
{
    struct plain_connection connection = connect_plain();
    char byte = '!';
    WSABUF buffer = {.len = 1, .buf = &byte};
    fd_set urgent;
    struct timeval patience = {5, 0};
    DWORD sent = 0;

    ck_assert(!spi_send(connection.local, &buffer, 1, &sent, MSG_OOB).failed);
    FD_ZERO(&urgent);
    FD_SET(connection.other, &urgent);
    ck_assert_int_eq(select(0, NULL, NULL, &urgent, &patience), 1);
    byte = 0;
    ck_assert_int_eq(recv(connection.other, &byte, 1, MSG_OOB), 1);
    ck_assert_int_eq(byte, '!');
}
END_TEST

START_TEST(out_of_band_data_can_stay_in_the_stream)
{
    struct plain_connection connection = connect_plain();
    BOOL on = TRUE;
    char bytes[2] = {0};
    WSABUF buffer = {.len = 1, .buf = bytes};
    DWORD received = 0;
    DWORD flags = 0;

    ck_assert(!spi_set_option(connection.local, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on).failed);
    ck_assert_int_eq(send(connection.other, "!", 1, MSG_OOB), 1);
    ck_assert(!spi_receive(connection.local, &buffer, 1, &received, &flags).failed);
    ck_assert_int_eq(bytes[0], '!');
}
END_TEST

static HWND new_window(void)
{
    HWND window = CreateWindowExW(0, L"STATIC", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL,
                                  GetModuleHandleW(NULL), NULL);

    ck_assert(window != NULL);
    return window;
}

/* The next network event that the window is told of; its lParam. */
static LPARAM next_event(HWND window, SOCKET socket)
{
    int64_t deadline = evidence_now() + PATIENCE_MS * 1000LL;
    MSG message = {0};

    while (!PeekMessageW(&message, window, MESSAGE, MESSAGE, PM_REMOVE)) {
        ck_assert_msg(evidence_now() < deadline, "no message");
        MsgWaitForMultipleObjects(0, NULL, FALSE, 100, QS_ALLINPUT);
    }
    ck_assert_uint_eq(message.wParam, socket);
    ck_assert_int_eq(WSAGETSELECTERROR(message.lParam), 0);
    return WSAGETSELECTEVENT(message.lParam);
}

static bool is_told_nothing(HWND window)
{
    MSG message;

    return !PeekMessageW(&message, window, MESSAGE, MESSAGE, PM_NOREMOVE);
}

static struct outcome async_select(struct spi_socket *socket, HWND window, long events)
{
    int error = 0;
    int value =
        socket->entry->table.lpWSPAsyncSelect(socket->handle, window, MESSAGE, events, &error);

    return (struct outcome){.failed = value != 0, .value = value, .error = error};
}

START_TEST(network_events_come_as_messages)
{
    struct plain_connection connection = connect_plain();
    struct spi_socket *local = connection.local;
    LONG posted = upcall_count(UPCALL_WPUPostMessage);
    HWND window = new_window();
    char byte = 0;
    WSABUF buffer = {.len = 1, .buf = &byte};
    DWORD received = 0;
    DWORD flags = 0;

    ck_assert(!async_select(local, window, FD_READ | FD_CLOSE).failed);
    ck_assert(spi_receive(local, &buffer, 1, &received, &flags).error == WSAEWOULDBLOCK);
    ck_assert(spi_set_nonblocking(local, false).error == WSAEINVAL);
    ck_assert_int_eq(send(connection.other, "ab", 2, 0), 2);
    ck_assert_int_eq(next_event(window, local->handle), FD_READ);
    /* Once, until something was received; then again, as there is more. */
    ck_assert(is_told_nothing(window));
    ck_assert(!spi_receive(local, &buffer, 1, &received, &flags).failed);
    ck_assert_int_eq(next_event(window, local->handle), FD_READ);
    ck_assert(!spi_receive(local, &buffer, 1, &received, &flags).failed);
    closesocket(connection.other);
    ck_assert_int_eq(next_event(window, local->handle), FD_CLOSE);
    ck_assert_int_eq(upcall_count(UPCALL_WPUPostMessage), posted + 3);
    DestroyWindow(window);
}
END_TEST

START_TEST(a_connection_that_comes_about_is_a_network_event)
{
    struct spi_socket *socket;
    struct peer *listener;
    struct sockaddr_storage address;
    struct outcome outcome;
    HWND window = new_window();

    start();
    listener = peer_listener(AF_INET, 5);
    address = peer_address(listener);
    socket = provider_socket(AF_INET, SOCK_STREAM, "connecting socket");
    ck_assert(!async_select(socket, window, FD_CONNECT | FD_WRITE | FD_CLOSE).failed);
    outcome = spi_connect(socket, (struct sockaddr *)&address, address_length(&address));
    ck_assert(!outcome.failed || outcome.error == WSAEWOULDBLOCK);
    ck_assert_int_eq(next_event(window, socket->handle), FD_CONNECT);
    ck_assert_int_eq(next_event(window, socket->handle), FD_WRITE);
    peer_close(peer_accept(listener, PATIENCE_MS));
    ck_assert_int_eq(next_event(window, socket->handle), FD_CLOSE);
    DestroyWindow(window);
}
END_TEST

START_TEST(messages_end_when_none_are_asked_for)
{
    struct plain_connection connection = connect_plain();
    HWND window = new_window();

    ck_assert(!async_select(connection.local, window, FD_READ).failed);
    ck_assert(!async_select(connection.local, window, 0).failed);
    ck_assert_int_eq(send(connection.other, "a", 1, 0), 1);
    ck_assert(wait_until_readable(connection.local));
    ck_assert(is_told_nothing(window));
    ck_assert(!spi_set_nonblocking(connection.local, false).failed);
    DestroyWindow(window);
}
END_TEST

START_TEST(an_accepted_socket_is_watched_as_its_listener)
{
    struct spi_socket *listener;
    struct spi_socket *accepted = NULL;
    struct sockaddr_storage address;
    struct peer *peer;
    HWND window = new_window();

    start();
    listener = arrange_listener(AF_INET, 5);
    address = socket_address(listener);
    ck_assert(!async_select(listener, window, FD_ACCEPT | FD_READ).failed);
    peer = peer_connect(&address);
    ck_assert_int_eq(next_event(window, listener->handle), FD_ACCEPT);
    ck_assert(!spi_accept(listener, NULL, NULL, "accepted socket", &accepted).failed);
    peer_send(peer, "a", 1);
    ck_assert_int_eq(next_event(window, accepted->handle), FD_READ);
    DestroyWindow(window);
}
END_TEST

START_TEST(out_of_band_data_is_a_network_event)
{
    struct plain_connection connection = connect_plain();
    HWND window = new_window();

    ck_assert(!async_select(connection.local, window, FD_OOB).failed);
    ck_assert_int_eq(send(connection.other, "!", 1, MSG_OOB), 1);
    ck_assert_int_eq(next_event(window, connection.local->handle), FD_OOB);
    DestroyWindow(window);
}
END_TEST

START_TEST(a_change_of_addresses_can_be_awaited_without_blocking)
{
    WSAOVERLAPPED overlapped = {0};
    struct spi_socket *socket;
    int error = 0;

    start();
    socket = provider_socket(AF_INET, SOCK_DGRAM, "datagram socket");
    overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    ck_assert_int_eq(socket->entry->table.lpWSPIoctl(socket->handle, SIO_ADDRESS_LIST_CHANGE, NULL,
                                                     0, NULL, 0, NULL, &overlapped, NULL, NULL,
                                                     &error),
                     SOCKET_ERROR);
    ck_assert_int_eq(error, WSA_IO_PENDING);
    ck_assert(!spi_close(socket).failed);
    ck_assert_uint_eq(WaitForSingleObject(overlapped.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    ck_assert_uint_eq(overlapped.Internal, WSA_OPERATION_ABORTED);
    CloseHandle(overlapped.hEvent);
}
END_TEST

START_TEST(a_thousand_connections_are_accepted)
{
    static struct peer *peers[MANY_CONNECTIONS];
    static struct spi_socket *accepted[MANY_CONNECTIONS];
    struct spi_socket *listener;
    struct sockaddr_storage address;
    struct buffer *set;
    struct outcome outcome;

    start();
    listener = arrange_listener(AF_INET, SOMAXCONN);
    address = socket_address(listener);
    for (int i = 0; i < MANY_CONNECTIONS; i++) {
        peers[i] = peer_connect(&address);
        ck_assert(!spi_accept(listener, NULL, NULL, "accepted socket", &accepted[i]).failed);
    }

    /* Of 512 of them one has something to read. */
    peer_send(peers[MANY_SOCKETS - 1], "a", 1);
    set = new_fd_set("the read set", accepted, MANY_SOCKETS);
    outcome = spi_select(listener->entry, fd_set_of(set), NULL, NULL, read_only_timeval(5, 0));
    ck_assert_int_eq(outcome.value, 1);
    ck_assert(fd_set_holds(fd_set_of(set), accepted[MANY_SOCKETS - 1]->handle));

    for (int i = 0; i < MANY_CONNECTIONS; i++) {
        peer_close(peers[i]);
        ck_assert(!spi_close(accepted[i]).failed);
    }
}
END_TEST

static void clean_up_all(void)
{
    for (int kind = 0; kind < ENTRY_COUNT; kind++) {
        struct entry *entry = provider_entry((enum entry_kind)kind);
        for (; entry->started > 0; entry->started--) {
            ck_assert(!spi_cleanup(entry).failed);
        }
    }
}

START_TEST(the_last_clean_up_ends_what_is_pending_without_a_word)
{
    struct stage *by_event = pending(SPI_WSPRecv, BY_EVENT);
    struct stage *by_routine = pending(SPI_WSPRecv, BY_ROUTINE);

    clean_up_all();
    ck_assert_uint_eq(status_of(by_event), WSA_OPERATION_ABORTED);
    ck_assert_uint_eq(status_of(by_routine), WSA_OPERATION_ABORTED);
    ck_assert(!overlapped_wait(by_routine->operation.overlapped, t1, 50));
    ck_assert(!overlapped_has_completed(by_event->operation.overlapped));
}
END_TEST

START_TEST(after_it_all_begins_anew)
{
    struct stage *stage = pending(SPI_WSPRecv, BY_EVENT);

    stage_complete(stage);
    ck_assert(is_told(stage));
    clean_up_all();
}
END_TEST

Suite *reference_suite(void)
{
    const TTest *const tests[] = {
        a_receive_is_completed_by_its_event,
        a_routine_runs_on_the_thread_that_made_the_call,
        what_finishes_at_once_is_complete_when_the_call_returns,
        a_result_can_be_waited_for,
        receives_complete_in_their_order,
        a_send_completes_when_all_of_it_is_taken,
        a_reset_ends_a_pending_receive,
        a_datagram_that_is_too_long_is_cut,
        a_close_calls_off_what_is_pending,
        a_socket_that_was_not_opened_for_them_ignores_that_a_call_is_overlapped,
        a_blocking_call_beside_it_has_a_callback_all_the_same,
        out_of_band_data_comes_beside_the_stream,
        out_of_band_data_can_be_sent,
        out_of_band_data_can_stay_in_the_stream,
        network_events_come_as_messages,
        a_connection_that_comes_about_is_a_network_event,
        messages_end_when_none_are_asked_for,
        an_accepted_socket_is_watched_as_its_listener,
        out_of_band_data_is_a_network_event,
        a_change_of_addresses_can_be_awaited_without_blocking,
        a_thousand_connections_are_accepted,
        the_last_clean_up_ends_what_is_pending_without_a_word,
        after_it_all_begins_anew,
        NULL,
    };

    return suite_of("reference", tests);
}
