#include "harness/settings.h"

#include "harness/names.h"
#include "harness/protocol.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings settings;

const char *drive_mode_name(enum drive_mode mode)
{
    switch (mode) {
    case MODE_DIRECT:
        return "direct";
    case MODE_WS2_32:
        return "ws2_32";
    case MODE_NO_CALLBACK:
        return "no-callback";
    }
    return "?";
}

bool settings_mode_by_name(const char *name, enum drive_mode *mode)
{
    static const enum drive_mode modes[] = {MODE_DIRECT, MODE_WS2_32, MODE_NO_CALLBACK};

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(name, drive_mode_name(modes[i])) == 0) {
            *mode = modes[i];
            return true;
        }
    }
    return false;
}

const char *entry_name(enum entry_kind entry)
{
    static const char *const names[ENTRY_COUNT] = {"tcp4", "udp4", "tcp6", "udp6"};
    return names[entry];
}

void settings_set_defaults(void)
{
    memset(&settings, 0, sizeof settings);
    snprintf(settings.run, sizeof settings.run, "by-hand");
    settings.seed = 1;
    settings.budgets = (struct budgets){
        .hook = 5000, .cancel = 2000, .data = 5000, .quiet = 300, .late = 60000, .whole = 15000};
    snprintf(settings.local4, sizeof settings.local4, "127.0.0.1");
    snprintf(settings.second4, sizeof settings.second4, "127.0.0.2");
    snprintf(settings.local6, sizeof settings.local6, "::1");
    snprintf(settings.second6, sizeof settings.second6, "::1");
}

static bool set_budget(const char *name, const char *value)
{
    static const struct {
        const char *name;
        size_t offset;
    } known[] = {
        {"hook", offsetof(struct budgets, hook)}, {"cancel", offsetof(struct budgets, cancel)},
        {"data", offsetof(struct budgets, data)}, {"quiet", offsetof(struct budgets, quiet)},
        {"late", offsetof(struct budgets, late)}, {"case", offsetof(struct budgets, whole)},
    };
    char *end;
    unsigned long milliseconds = strtoul(value, &end, 10);

    if (!isdigit((unsigned char)*value) || *end != '\0' || milliseconds == 0 ||
        milliseconds > 3600000) {
        return false;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            *(DWORD *)((char *)&settings.budgets + known[i].offset) = milliseconds;
            return true;
        }
    }
    return false;
}

static bool set_address(const char *name, const char *value)
{
    static const struct {
        const char *name;
        char *text;
    } known[] = {
        {"local4", settings.local4},
        {"second4", settings.second4},
        {"local6", settings.local6},
        {"second6", settings.second6},
        {"unresponsive4", settings.unresponsive4},
        {"unresponsive6", settings.unresponsive6},
    };
    struct sockaddr_storage ignored;

    if (parse_address(value, &ignored) == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            snprintf(known[i].text, ADDRESS_TEXT_SIZE, "%s", value);
            return true;
        }
    }
    return false;
}

static int entry_by_name(const char *name, size_t length)
{
    for (int entry = 0; entry < ENTRY_COUNT; entry++) {
        const char *known = entry_name((enum entry_kind)entry);
        if (strlen(known) == length && strncmp(name, known, length) == 0) {
            return entry;
        }
    }
    return -1;
}

static bool set_claim(const char *name, const char *value)
{
    static const char *const features[FEATURE_COUNT] = {"overlapped", "address_list_change",
                                                        "routing_interface_change"};
    int entry = entry_by_name(name, strlen(name));
    bool yes = strcmp(value, "yes") == 0;

    if (!yes && strcmp(value, "no") != 0) {
        return false;
    }
    for (int feature = 0; feature < FEATURE_COUNT; feature++) {
        if (strcmp(name, features[feature]) == 0) {
            settings.claimed_lacking[feature] = !yes;
            return true;
        }
    }
    if (entry < 0) {
        return false;
    }
    settings.claimed_absent[entry] = !yes;
    return true;
}

/* What follows a number that fits a DWORD, however it is written; NULL if there is none. */
static const char *after_number(const char *text)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 0);
    if (end == text || isspace((unsigned char)*text) || errno != 0 || number < LONG_MIN ||
        number > (long long)ULONG_MAX) {
        return NULL;
    }
    return end;
}

static bool is_number(const char *value)
{
    const char *end = after_number(value);

    return end != NULL && *end == '\0';
}

static bool is_guid(const char *value)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t length = strlen(value);

    if (length == sizeof form + 1 && value[0] == '{' && value[length - 1] == '}') {
        value++;
        length -= 2;
    }
    for (size_t i = 0; i < length && i < sizeof form - 1; i++) {
        if (form[i] == 'x' ? !isxdigit((unsigned char)value[i]) : value[i] != form[i]) {
            return false;
        }
    }
    return length == sizeof form - 1;
}

/* An empty one is that of a layered protocol. */
static bool is_chain(const char *value)
{
    unsigned links = 1;
    const char *end = *value == '\0' ? value : after_number(value);

    while (end != NULL && *end == ',') {
        links++;
        end = after_number(end + 1);
    }
    return end != NULL && *end == '\0' && links <= MAX_PROTOCOL_CHAIN;
}

static bool is_name(const char *value)
{
    return *value != '\0' && strlen(value) <= WSAPROTOCOL_LEN;
}

static bool is_protocol_field(const char *name, const char *value)
{
    if (strcmp(name, "provider_id") == 0) {
        return is_guid(value);
    }
    if (strcmp(name, "name") == 0) {
        return is_name(value);
    }
    if (strcmp(name, "chain") == 0) {
        return is_chain(value);
    }
    return protocol_number_by_name(name) != NULL && is_number(value);
}

static bool set_protocol(const char *name, const char *value)
{
    const char *dot = strchr(name, '.');
    const char *field = dot != NULL ? dot + 1 : name;
    int entry = dot != NULL ? entry_by_name(name, (size_t)(dot - name)) : -1;
    struct protocol_override *override = &settings.override[settings.overrides];

    if ((dot != NULL && entry < 0) || !is_protocol_field(field, value) ||
        settings.overrides == PROTOCOL_OVERRIDES) {
        return false;
    }
    settings.overrides++;
    override->entry = entry;
    snprintf(override->field, sizeof override->field, "%s", field);
    snprintf(override->value, sizeof override->value, "%s", value);
    return true;
}

static bool set_peer(const char *value)
{
    static const char *const choices[] = {"auto", "system", "provider"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(value, choices[i]) == 0) {
            settings.peer = (enum peer_choice)i;
            return true;
        }
    }
    return false;
}

static bool set_network(const char *name, const char *value)
{
    static const struct {
        const char *name;
        char *text;
    } known[] = {
        {"down", settings.network_down},
        {"up", settings.network_up},
        {"function", settings.network_function},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0 && *value != '\0' &&
            strlen(value) < NETWORK_TEXT_SIZE) {
            snprintf(known[i].text, NETWORK_TEXT_SIZE, "%s", value);
            return true;
        }
    }
    return false;
}

static bool set_fuse(const char *value)
{
    enum spi_function function = spi_function_by_name(value);

    if (function == SPI_FUNCTION_COUNT) {
        return false;
    }
    settings.fused[function] = true;
    return true;
}

/* HANDLE@ADDRESS:PORT */
static bool set_forerunner(const char *value)
{
    struct sockaddr_storage ignored;
    char *at;
    unsigned long long handle = strtoull(value, &at, 10);

    if (!isdigit((unsigned char)*value) || handle == 0 || *at != '@' ||
        parse_address(at + 1, &ignored) == 0) {
        return false;
    }
    settings.forerunner = (HANDLE)(uintptr_t)handle;
    snprintf(settings.forerunner_address, ADDRESS_TEXT_SIZE, "%s", at + 1);
    return true;
}

static bool is_token(const char *value)
{
    return *value != '\0' && strlen(value) < sizeof settings.run &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
               strlen(value);
}

bool settings_set(const char *assignment, char *complaint, size_t size)
{
    const char *equals = strchr(assignment, '=');
    char key[64];
    const char *value = equals != NULL ? equals + 1 : "";
    bool taken = false;

    if (equals == NULL || (size_t)(equals - assignment) >= sizeof key) {
        snprintf(complaint, size, "--set %s: write it as KEY=VALUE", assignment);
        return false;
    }
    memcpy(key, assignment, (size_t)(equals - assignment));
    key[equals - assignment] = '\0';
    if (strcmp(key, "run") == 0) {
        taken = is_token(value);
        if (taken) {
            snprintf(settings.run, sizeof settings.run, "%s", value);
        }
    } else if (strncmp(key, "budget.", 7) == 0) {
        taken = set_budget(key + 7, value);
    } else if (strncmp(key, "address.", 8) == 0) {
        taken = set_address(key + 8, value);
    } else if (strncmp(key, "claim.", 6) == 0) {
        taken = set_claim(key + 6, value);
    } else if (strncmp(key, "protocol.", 9) == 0) {
        taken = set_protocol(key + 9, value);
    } else if (strncmp(key, "network.", 8) == 0) {
        taken = set_network(key + 8, value);
    } else if (strcmp(key, "peer") == 0) {
        taken = set_peer(value);
    } else if (strcmp(key, "fuse") == 0) {
        taken = set_fuse(value);
    } else if (strcmp(key, "forerunner") == 0) {
        taken = set_forerunner(value);
    }
    if (!taken) {
        snprintf(complaint, size, "--set %s: there is no such setting, or no such value for it",
                 assignment);
    }
    return taken;
}

int parse_address(const char *text, struct sockaddr_storage *address)
{
    struct sockaddr_in *in = (struct sockaddr_in *)address;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
    char host[ADDRESS_TEXT_SIZE];
    const char *port = NULL;
    const char *colon = strchr(text, ':');
    size_t length = strlen(text);
    unsigned long number = 0;
    bool bracketed = false;

    memset(address, 0, sizeof *address);
    if (text[0] == '[') {
        const char *bracket = strchr(text, ']');
        if (bracket == NULL || (bracket[1] != ':' && bracket[1] != '\0')) {
            return 0;
        }
        length = (size_t)(bracket - text - 1);
        text++;
        port = bracket[1] == ':' ? bracket + 2 : NULL;
        bracketed = true;
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        length = (size_t)(colon - text);
        port = colon + 1;
    }
    if (length == 0 || length >= sizeof host) {
        return 0;
    }
    memcpy(host, text, length);
    host[length] = '\0';
    if (port != NULL) {
        char *end;
        number = strtoul(port, &end, 10);
        if (!isdigit((unsigned char)*port) || *end != '\0' || number > 65535) {
            return 0;
        }
    }
    if (!bracketed && inet_pton(AF_INET, host, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons((u_short)number);
        return (int)sizeof *in;
    }
    if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((u_short)number);
        return (int)sizeof *in6;
    }
    return 0;
}
