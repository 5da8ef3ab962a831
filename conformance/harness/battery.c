#include "harness/battery.h"

#include "harness/evidence.h"
#include "harness/guard.h"
#include "harness/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_SIZE = 48, TEXT_CHARACTERS = 128, OPTION_SIZE = 8, RECEIVE_BUFFER = 32 << 10 };

/*
 * One call that operation.h does not know, through the table of the socket's entry. `failure` is
 * what the function returns when it fails.
 */
#define THROUGH_TABLE(socket, function, outcome_kind, failure, ...)                                \
    do {                                                                                           \
        struct spi_call *call = spi_enter(SPI_##function, (socket)->entry, "%s", (socket)->name);  \
        INT_PTR value;                                                                             \
        if (!entry_has((socket)->entry, SPI_##function)) {                                         \
            return spi_leave(call, OUTCOME_NO_ENTRY, true, 0);                                     \
        }                                                                                          \
        value = (INT_PTR)(socket)->entry->table.lp##function(__VA_ARGS__, &call->error.value);     \
        return spi_leave(call, (outcome_kind), value == (INT_PTR)(failure), value);                \
    } while (0)

static struct battery *battery_of(const struct operation *operation)
{
    return operation->other_end;
}

/* --- Names ------------------------------------------------------------------------------------ */

static struct outcome get_sock_name(struct operation *operation)
{
    return spi_get_sock_name(operation->socket,
                             (struct sockaddr_storage *)(void *)operation->from->bytes);
}

static struct outcome get_peer_name(struct operation *operation)
{
    return spi_get_peer_name(operation->socket,
                             (struct sockaddr_storage *)(void *)operation->from->bytes);
}

static struct outcome address_to_string(struct operation *operation)
{
    struct sockaddr_storage address = operation->address;
    WSAPROTOCOL_INFOW info = operation->entry->info;
    DWORD length = TEXT_CHARACTERS;

    THROUGH_TABLE(operation->socket, WSPAddressToString, OUTCOME_INT, SOCKET_ERROR,
                  (struct sockaddr *)&address, (DWORD)operation->address_length, &info,
                  (WCHAR *)(void *)operation->data->bytes, &length);
}

static struct outcome string_to_address(struct operation *operation)
{
    WCHAR ipv4[] = L"127.0.0.1:80";
    WCHAR ipv6[] = L"[::1]:80";
    int family = operation->entry->family;
    WSAPROTOCOL_INFOW info = operation->entry->info;
    int length = (int)operation->from->size;

    THROUGH_TABLE(operation->socket, WSPStringToAddress, OUTCOME_INT, SOCKET_ERROR,
                  family == AF_INET6 ? ipv6 : ipv4, family, &info,
                  (struct sockaddr *)(void *)operation->from->bytes, &length);
}

/* --- Options ---------------------------------------------------------------------------------- */

static struct outcome get_option(struct operation *operation, int option)
{
    int size = OPTION_SIZE;

    return spi_get_option(operation->socket, SOL_SOCKET, option, operation->data->bytes, &size);
}

static struct outcome get_type(struct operation *operation)
{
    return get_option(operation, SO_TYPE);
}

static struct outcome get_error(struct operation *operation)
{
    return get_option(operation, SO_ERROR);
}

static struct outcome get_linger(struct operation *operation)
{
    return get_option(operation, SO_LINGER);
}

static struct outcome set_receive_buffer(struct operation *operation)
{
    int size = RECEIVE_BUFFER;

    return spi_set_option(operation->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

static struct outcome ask_ioctl(struct operation *operation, DWORD code)
{
    DWORD returned = 0;

    return spi_ioctl(operation->socket, code, NULL, 0, operation->data->bytes, sizeof(u_long),
                     &returned);
}

static struct outcome ask_how_much_to_read(struct operation *operation)
{
    return ask_ioctl(operation, (DWORD)FIONREAD);
}

static struct outcome ask_at_mark(struct operation *operation)
{
    return ask_ioctl(operation, (DWORD)SIOCATMARK);
}

static struct outcome make_nonblocking(struct operation *operation)
{
    return spi_set_nonblocking(operation->socket, true);
}

static struct outcome make_blocking(struct operation *operation)
{
    return spi_set_nonblocking(operation->socket, false);
}

/* --- Transfers -------------------------------------------------------------------------------- */

static struct outcome send_to(struct operation *operation)
{
    WSABUF buffer = {.len = (u_long)operation->data->size, .buf = (char *)operation->data->bytes};
    DWORD sent = 0;

    return spi_send_to(operation->socket, &buffer, 1, &sent, 0,
                       (const struct sockaddr *)&operation->address, operation->address_length);
}

/* To an address that is nobody's group: joining a real one would be heard on the network. */
static struct outcome join_leaf(struct operation *operation)
{
    struct sockaddr_storage address = operation->address;
    struct outcome outcome;
    struct spi_call *call =
        spi_enter(SPI_WSPJoinLeaf, operation->entry, "%s", operation->socket->name);
    SOCKET leaf;

    if (!entry_has(operation->entry, SPI_WSPJoinLeaf)) {
        return spi_leave(call, OUTCOME_NO_ENTRY, true, 0);
    }
    leaf = operation->entry->table.lpWSPJoinLeaf(
        operation->socket->handle, (struct sockaddr *)&address, operation->address_length, NULL,
        NULL, NULL, NULL, JL_BOTH, &call->error.value);
    outcome = spi_leave(call, OUTCOME_SOCKET, leaf == INVALID_SOCKET, (INT_PTR)leaf);
    if (!outcome.failed && leaf != operation->socket->handle) {
        provider_adopt(operation->entry, leaf, "leaf");
    }
    return outcome;
}

/* --- Events ----------------------------------------------------------------------------------- */

static struct outcome begin_events(struct operation *operation)
{
    return spi_event_select(operation->socket, battery_of(operation)->event,
                            FD_READ | FD_WRITE | FD_CLOSE);
}

static struct outcome enumerate_events(struct operation *operation)
{
    return spi_enum_events(operation->socket, battery_of(operation)->event,
                           (WSANETWORKEVENTS *)(void *)operation->data->bytes);
}

static struct outcome end_events(struct operation *operation)
{
    return spi_event_select(operation->socket, NULL, 0);
}

static struct outcome end_messages(struct operation *operation)
{
    return spi_async_select(operation->socket, NULL, 0, 0);
}

/* --- Relatives -------------------------------------------------------------------------------- */

static struct outcome make_socket(struct operation *operation)
{
    SOCKET handle;
    struct outcome outcome = spi_socket(operation->entry, WSA_FLAG_OVERLAPPED, &handle);

    if (!outcome.failed) {
        provider_adopt(operation->entry, handle, "another socket");
    }
    return outcome;
}

static struct outcome duplicate(struct operation *operation)
{
    return spi_duplicate(operation->socket, GetCurrentProcessId(),
                         (WSAPROTOCOL_INFOW *)(void *)operation->data->bytes);
}

static struct outcome get_quality(struct operation *operation)
{
    char name[] = "G711";
    WSABUF wanted = {.len = sizeof name, .buf = name};

    THROUGH_TABLE(operation->socket, WSPGetQOSByName, OUTCOME_BOOL, FALSE,
                  operation->socket->handle, &wanted, (QOS *)(void *)operation->data->bytes);
}

/* --- Setup and endings ------------------------------------------------------------------------ */

static struct outcome bind_anew(struct operation *operation)
{
    struct sockaddr_storage address = local_address(operation->entry->family);

    return spi_bind(operation->socket, (struct sockaddr *)&address, address_length(&address));
}

static struct outcome listen_now(struct operation *operation)
{
    return spi_listen(operation->socket, 1);
}

static struct outcome shut_down_sending(struct operation *operation)
{
    return spi_shutdown(operation->socket, SD_SEND);
}

static struct outcome shut_down_receiving(struct operation *operation)
{
    return spi_shutdown(operation->socket, SD_RECEIVE);
}

static struct outcome disconnect_sending(struct operation *operation)
{
    return spi_send_disconnect(operation->socket);
}

static struct outcome disconnect_receiving(struct operation *operation)
{
    return spi_receive_disconnect(operation->socket);
}

/* --- The list --------------------------------------------------------------------------------- */

/* What memory a call of its own needs beside the address. */
enum memory { NOTHING, AN_ADDRESS, AN_OPTION, A_TEXT, EVENTS, PROTOCOL, QUALITY, DATA };

static const struct battery_call {
    const char *what;
    enum spi_function function;
    enum battery_part part;
    enum memory memory;
    struct outcome (*make)(struct operation *operation); /* NULL: operation.h knows it */
} calls[] = {
    {"WSPGetSockName", SPI_WSPGetSockName, BATTERY_NAMES, AN_ADDRESS, get_sock_name},
    {"WSPGetPeerName", SPI_WSPGetPeerName, BATTERY_NAMES, AN_ADDRESS, get_peer_name},
    {"WSPAddressToString", SPI_WSPAddressToString, BATTERY_NAMES, A_TEXT, address_to_string},
    {"WSPStringToAddress", SPI_WSPStringToAddress, BATTERY_NAMES, AN_ADDRESS, string_to_address},
    {"WSPGetSockOpt SO_TYPE", SPI_WSPGetSockOpt, BATTERY_OPTIONS, AN_OPTION, get_type},
    {"WSPGetSockOpt SO_ERROR", SPI_WSPGetSockOpt, BATTERY_OPTIONS, AN_OPTION, get_error},
    {"WSPGetSockOpt SO_LINGER", SPI_WSPGetSockOpt, BATTERY_OPTIONS, AN_OPTION, get_linger},
    {"WSPSetSockOpt SO_RCVBUF", SPI_WSPSetSockOpt, BATTERY_OPTIONS, NOTHING, set_receive_buffer},
    {"WSPIoctl FIONREAD", SPI_WSPIoctl, BATTERY_OPTIONS, AN_OPTION, ask_how_much_to_read},
    {"WSPIoctl SIOCATMARK", SPI_WSPIoctl, BATTERY_OPTIONS, AN_OPTION, ask_at_mark},
    {"WSPIoctl FIONBIO 1", SPI_WSPIoctl, BATTERY_OPTIONS, NOTHING, make_nonblocking},
    {"WSPIoctl FIONBIO 0", SPI_WSPIoctl, BATTERY_OPTIONS, NOTHING, make_blocking},
    {"WSPSelect", SPI_WSPSelect, BATTERY_TRANSFERS, NOTHING, NULL},
    {"WSPRecv", SPI_WSPRecv, BATTERY_TRANSFERS, NOTHING, NULL},
    {"WSPRecvFrom", SPI_WSPRecvFrom, BATTERY_TRANSFERS, NOTHING, NULL},
    {"WSPSend", SPI_WSPSend, BATTERY_TRANSFERS, NOTHING, NULL},
    {"WSPSendTo", SPI_WSPSendTo, BATTERY_TRANSFERS, DATA, send_to},
    {"WSPAccept", SPI_WSPAccept, BATTERY_TRANSFERS, NOTHING, NULL},
    {"WSPConnect", SPI_WSPConnect, BATTERY_TRANSFERS, NOTHING, NULL},
    {"WSPJoinLeaf", SPI_WSPJoinLeaf, BATTERY_TRANSFERS, NOTHING, join_leaf},
    {"WSPEventSelect", SPI_WSPEventSelect, BATTERY_EVENTS, NOTHING, begin_events},
    {"WSPEnumNetworkEvents", SPI_WSPEnumNetworkEvents, BATTERY_EVENTS, EVENTS, enumerate_events},
    {"WSPEventSelect for no event", SPI_WSPEventSelect, BATTERY_EVENTS, NOTHING, end_events},
    {"WSPAsyncSelect for no event", SPI_WSPAsyncSelect, BATTERY_EVENTS, NOTHING, end_messages},
    {"WSPIoctl FIONBIO 0 again", SPI_WSPIoctl, BATTERY_EVENTS, NOTHING, make_blocking},
    {"WSPSocket", SPI_WSPSocket, BATTERY_RELATIVES, NOTHING, make_socket},
    {"WSPDuplicateSocket", SPI_WSPDuplicateSocket, BATTERY_RELATIVES, PROTOCOL, duplicate},
    {"WSPGetQOSByName", SPI_WSPGetQOSByName, BATTERY_QUALITY, QUALITY, get_quality},
    {"WSPBind", SPI_WSPBind, BATTERY_SETUP, NOTHING, bind_anew},
    {"WSPListen", SPI_WSPListen, BATTERY_SETUP, NOTHING, listen_now},
    {"WSPShutdown SD_RECEIVE", SPI_WSPShutdown, BATTERY_ENDINGS, NOTHING, shut_down_receiving},
    {"WSPRecvDisconnect", SPI_WSPRecvDisconnect, BATTERY_ENDINGS, NOTHING, disconnect_receiving},
    {"WSPShutdown SD_SEND", SPI_WSPShutdown, BATTERY_ENDINGS, NOTHING, shut_down_sending},
    {"WSPSendDisconnect", SPI_WSPSendDisconnect, BATTERY_ENDINGS, NOTHING, disconnect_sending},
};

_Static_assert(ARRAYSIZE(calls) <= BATTERY_CALLS_MAX, "there is room for an answer to each call");

static void give_memory(struct operation *operation, enum memory memory)
{
    static const struct {
        const char *name;
        size_t size;
    } kinds[] = {
        [AN_ADDRESS] = {"the address buffer", sizeof(struct sockaddr_storage)},
        [AN_OPTION] = {"the buffer for an option", OPTION_SIZE},
        [A_TEXT] = {"the buffer for text", TEXT_CHARACTERS * sizeof(WCHAR)},
        [EVENTS] = {"the network events", sizeof(WSANETWORKEVENTS)},
        [PROTOCOL] = {"the protocol info", sizeof(WSAPROTOCOL_INFOW)},
        [QUALITY] = {"the quality of service", sizeof(QOS)},
    };

    if (memory == DATA) {
        operation->data = buffer_with_pattern("the send buffer", DATA_SIZE, 0);
    } else if (memory == AN_ADDRESS) {
        operation->from = buffer_new(kinds[memory].name, kinds[memory].size);
    } else if (memory != NOTHING) {
        operation->data = buffer_new(kinds[memory].name, kinds[memory].size);
    }
}

static struct operation known_operation(struct battery *battery, enum spi_function function)
{
    struct spi_socket *socket = battery->socket;
    struct operation select;

    switch (function) {
    case SPI_WSPRecv:
        return operation_receive(socket, DATA_SIZE);
    case SPI_WSPRecvFrom:
        return operation_receive_from(socket, DATA_SIZE);
    case SPI_WSPSend:
        return operation_send(socket, buffer_with_pattern("the send buffer", DATA_SIZE, 0));
    case SPI_WSPAccept:
        return operation_accept(socket);
    case SPI_WSPConnect:
        return operation_connect(socket, &battery->to);
    default:
        select = operation_select(socket->entry, NULL);
        operation_select_add(&select, 0, &socket, 1);
        return select;
    }
}

static struct operation *prepare(struct battery *battery, const struct battery_call *call)
{
    struct operation *operation = calloc(1, sizeof *operation);

    if (call->make == NULL) {
        *operation = known_operation(battery, call->function);
    } else {
        operation->function = call->function;
        operation->socket = battery->socket;
        operation->entry = battery->socket->entry;
        operation->address = battery->to;
        operation->address_length = address_length(&battery->to);
        operation->make = call->make;
        give_memory(operation, call->memory);
    }
    operation->other_end = battery;
    return operation;
}

struct battery *battery_arrange(struct spi_socket *socket, struct client *client)
{
    struct battery *battery = calloc(1, sizeof *battery);
    struct peer *peer = socket->entry->type == SOCK_DGRAM ? peer_datagram(socket->entry->family)
                                                          : peer_listener(socket->entry->family, 5);

    battery->socket = socket;
    battery->client = client;
    battery->to = peer_address(peer);
    battery->event = CreateEventW(NULL, TRUE, FALSE, NULL);
    guard_handle(battery->event);
    return battery;
}

/* A call that its callback cancels has the time for that callback, and then the time to end. */
static bool returns_in_time(struct blocked_call *call)
{
    return wait_for_return(call, settings.budgets.hook) ||
           (call_callbacks(call) > 0 && wait_for_return(call, settings.budgets.cancel));
}

static void make_call(struct battery *battery, const struct battery_call *wanted)
{
    struct battery_answer *answer = &battery->answers[battery->count++];
    struct operation *operation = prepare(battery, wanted);
    struct callback_script script = CANCELS_AT(1);
    struct blocked_call *call;

    script.every_time = true;
    call = start_call(battery->client, operation, script);
    answer->what = wanted->what;
    answer->function = wanted->function;
    answer->returned = returns_in_time(call);
    answer->callbacks = call_callbacks(call);
    if (!answer->returned) {
        rescue(call);
        return;
    }
    answer->outcome = call_outcome(call);
    if (!answer->outcome.failed &&
        (wanted->function == SPI_WSPRecv || wanted->function == SPI_WSPRecvFrom)) {
        answer->transferred = operation_transferred(operation);
    }
}

/* Where each call waits for a slow callback there is no time for all of them. */
static bool has_time_left(void)
{
    return settings.debug || evidence_now() / 1000 < settings.budgets.whole / 2;
}

const struct battery_answer *battery_run(struct battery *battery, unsigned parts)
{
    for (unsigned i = 0; i < ARRAYSIZE(calls) && battery->count < BATTERY_CALLS_MAX; i++) {
        if ((parts & calls[i].part) == 0) {
            continue;
        }
        if (!has_time_left()) {
            battery->ran_out = true;
            break;
        }
        make_call(battery, &calls[i]);
        if (!battery->answers[battery->count - 1].returned) {
            return &battery->answers[battery->count - 1];
        }
    }
    return NULL;
}

/* What the answers of one kind have in common, as the profile says it. */
static const char *kind_of(const struct battery_answer *answer, char *text, size_t size)
{
    const char *name;

    if (!answer->returned) {
        return "does not return";
    }
    if (!answer->outcome.failed) {
        return "succeed";
    }
    if (answer->callbacks > 0 && outcome_is_error(answer->outcome, WSAEINTR)) {
        return "wait";
    }
    if (answer->outcome.kind == OUTCOME_NO_ENTRY) {
        return "are missing";
    }
    name = answer->outcome.error_stored ? error_name(answer->outcome.error) : "no code";
    snprintf(text, size, "%s", name != NULL ? name : "other codes");
    return text;
}

static void append(char *text, size_t size, const char *separator, const char *more)
{
    size_t used = strlen(text);

    snprintf(text + used, size - used, "%s%s", separator, more);
}

const char *battery_profile(const struct battery *battery, char *text, size_t size)
{
    bool told[BATTERY_CALLS_MAX] = {false};

    *text = '\0';
    for (unsigned i = 0; i < battery->count; i++) {
        char own[48];
        char other[48];
        const char *kind = kind_of(&battery->answers[i], own, sizeof own);
        if (told[i]) {
            continue;
        }
        append(text, size, *text != '\0' ? "; " : "", kind);
        for (unsigned j = i; j < battery->count; j++) {
            const struct battery_answer *answer = &battery->answers[j];
            if (strcmp(kind, kind_of(answer, other, sizeof other)) == 0) {
                append(text, size, j == i ? ": " : ", ", answer->what + strlen("WSP"));
                told[j] = true;
            }
        }
    }
    if (battery->ran_out) {
        append(text, size, "; ", "for the rest there was no time");
    }
    return text;
}
