#include "harness/settings.h"

#include "tests.h"

#include <stdio.h>
#include <string.h>

static bool take(const char *assignment)
{
    char complaint[600] = "";
    bool taken = settings_set(assignment, complaint, sizeof complaint);

    /* Who is refused is told what, and who is not is told nothing. */
    ck_assert_msg(taken == (*complaint == '\0'), "%s: %s", assignment, complaint);
    ck_assert_msg(taken || strstr(complaint, assignment) != NULL, "%s: %s", assignment, complaint);
    return taken;
}

static void start_afresh(void)
{
    settings_set_defaults();
}

START_TEST(the_defaults_are_those_of_the_documentation)
{
    start_afresh();
    ck_assert_uint_eq(settings.budgets.hook, 5000);
    ck_assert_uint_eq(settings.budgets.cancel, 2000);
    ck_assert_uint_eq(settings.budgets.data, 5000);
    ck_assert_uint_eq(settings.budgets.quiet, 300);
    ck_assert_uint_eq(settings.budgets.late, 60000);
    ck_assert_uint_eq(settings.budgets.whole, 15000);
    ck_assert_str_eq(settings.local4, "127.0.0.1");
    ck_assert_str_eq(settings.local6, "::1");
    ck_assert_str_eq(settings.unresponsive4, "");
    ck_assert_int_eq(settings.peer, PEER_AUTO);
    ck_assert(!settings.debug);
    for (int entry = 0; entry < ENTRY_COUNT; entry++) {
        ck_assert(!settings.claimed_absent[entry]);
    }
    for (int function = 0; function < SPI_FUNCTION_COUNT; function++) {
        ck_assert(!settings.fused[function]);
    }
}
END_TEST

START_TEST(budgets_are_taken)
{
    start_afresh();
    ck_assert(take("budget.hook=1"));
    ck_assert(take("budget.cancel=22"));
    ck_assert(take("budget.data=333"));
    ck_assert(take("budget.quiet=4444"));
    ck_assert(take("budget.late=3600000"));
    ck_assert(take("budget.case=66666"));
    ck_assert_uint_eq(settings.budgets.hook, 1);
    ck_assert_uint_eq(settings.budgets.cancel, 22);
    ck_assert_uint_eq(settings.budgets.data, 333);
    ck_assert_uint_eq(settings.budgets.quiet, 4444);
    ck_assert_uint_eq(settings.budgets.late, 3600000);
    ck_assert_uint_eq(settings.budgets.whole, 66666);
}
END_TEST

START_TEST(addresses_are_taken)
{
    start_afresh();
    ck_assert(take("address.local4=10.1.2.3"));
    ck_assert(take("address.second4=10.1.2.4"));
    ck_assert(take("address.local6=fe80::1"));
    ck_assert(take("address.second6=fe80::2"));
    ck_assert(take("address.unresponsive4=192.0.2.1:9"));
    ck_assert(take("address.unresponsive6=[2001:db8::1]:9"));
    ck_assert_str_eq(settings.local4, "10.1.2.3");
    ck_assert_str_eq(settings.second4, "10.1.2.4");
    ck_assert_str_eq(settings.local6, "fe80::1");
    ck_assert_str_eq(settings.second6, "fe80::2");
    ck_assert_str_eq(settings.unresponsive4, "192.0.2.1:9");
    ck_assert_str_eq(settings.unresponsive6, "[2001:db8::1]:9");
}
END_TEST

START_TEST(claims_are_taken_and_taken_back)
{
    static const char *const entries[ENTRY_COUNT] = {"tcp4", "udp4", "tcp6", "udp6"};
    char assignment[32];

    start_afresh();
    for (int entry = 0; entry < ENTRY_COUNT; entry++) {
        ck_assert_str_eq(entry_name((enum entry_kind)entry), entries[entry]);
        snprintf(assignment, sizeof assignment, "claim.%s=no", entries[entry]);
        ck_assert(take(assignment));
        ck_assert(settings.claimed_absent[entry]);
        snprintf(assignment, sizeof assignment, "claim.%s=yes", entries[entry]);
        ck_assert(take(assignment));
        ck_assert(!settings.claimed_absent[entry]);
    }
    ck_assert(take("claim.overlapped=no"));
    ck_assert(settings.claimed_lacking[FEATURE_OVERLAPPED]);
    ck_assert(take("claim.overlapped=yes"));
    ck_assert(!settings.claimed_lacking[FEATURE_OVERLAPPED]);
}
END_TEST

START_TEST(features_are_claimed_by_name)
{
    start_afresh();
    ck_assert(take("claim.routing_interface_change=no"));
    ck_assert(settings.claimed_lacking[FEATURE_ROUTING_INTERFACE_CHANGE]);
    ck_assert(!settings.claimed_lacking[FEATURE_ADDRESS_LIST_CHANGE]);
    ck_assert(take("claim.routing_interface_change=yes"));
    ck_assert(!settings.claimed_lacking[FEATURE_ROUTING_INTERFACE_CHANGE]);
}
END_TEST

START_TEST(protocol_fields_are_taken)
{
    static const struct {
        const char *field;
        const char *value;
    } fields[] = {
        {"catalog_entry_id", "1001"},
        {"provider_id", "{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}"},
        {"provider_id", "e70f1aa0-ab8b-11cf-8ca3-00805f48a192"},
        {"service_flags1", "0x20066"},
        {"service_flags1", "4294967295"},
        {"provider_flags", "8"},
        {"address_family", "23"},
        {"socket_type", "1"},
        {"protocol", "-1"},
        {"max_sockaddr", "28"},
        {"min_sockaddr", "24"},
        {"message_size", "0"},
        {"service_flags4", "4"},
        {"version", "2"},
        {"protocol_max_offset", "7"},
        {"byte_order", "1"},
        {"security_scheme", "3"},
        {"provider_reserved", "9"},
        {"chain_length", "1"},
        {"name", "Overlay [TCP/IP] = \xC3\xA9"},
        {"chain", "1100"},
        {"chain", "1,2,3,4,5,6,7"},
        {"chain", ""},
    };

    start_afresh();
    for (unsigned i = 0; i < ARRAYSIZE(fields); i++) {
        char assignment[128];
        bool of_one = i % 2 == 0;
        snprintf(assignment, sizeof assignment, "protocol.%s%s=%s", of_one ? "udp6." : "",
                 fields[i].field, fields[i].value);
        ck_assert_msg(take(assignment), "%s", assignment);
        ck_assert_uint_eq(settings.overrides, i + 1);
        ck_assert_int_eq(settings.override[i].entry, of_one ? ENTRY_UDP6 : -1);
        ck_assert_str_eq(settings.override[i].field, fields[i].field);
        ck_assert_str_eq(settings.override[i].value, fields[i].value);
    }
}
END_TEST

START_TEST(there_is_room_for_so_many_overrides_and_no_more)
{
    start_afresh();
    for (int i = 0; i < PROTOCOL_OVERRIDES; i++) {
        ck_assert(take("protocol.tcp4.catalog_entry_id=7"));
    }
    ck_assert(!take("protocol.tcp4.catalog_entry_id=7"));
    ck_assert_uint_eq(settings.overrides, PROTOCOL_OVERRIDES);
}
END_TEST

START_TEST(peers_fuses_and_the_run_are_taken)
{
    start_afresh();
    ck_assert(take("peer=system") && settings.peer == PEER_SYSTEM);
    ck_assert(take("peer=provider") && settings.peer == PEER_PROVIDER);
    ck_assert(take("peer=auto") && settings.peer == PEER_AUTO);
    ck_assert(take("fuse=WSPRecv"));
    ck_assert(take("fuse=WSPConnect"));
    ck_assert(settings.fused[SPI_WSPRecv] && settings.fused[SPI_WSPConnect]);
    ck_assert(!settings.fused[SPI_WSPSend]);
    ck_assert(take("run=0123456789abcdef-A_b.c"));
    ck_assert_str_eq(settings.run, "0123456789abcdef-A_b.c");
}
END_TEST

START_TEST(what_is_no_setting_is_refused_and_changes_nothing)
{
    static const char *const bad[] = {
        "",
        "=",
        "run",
        "run=",
        "=1",
        "budget",
        "unknown=1",
        "Run=a",
        " run=a",
        "run =a",
        /* A token of a run stands in every line, unquoted by anybody. */
        "run=a b",
        "run=a\"b",
        "run=a\\b",
        "run=a\nb",
        "run=0123456789012345678901234567890123456789012345678901234567890123",
        "budget.hook=",
        "budget.hook=0",
        "budget.hook=-1",
        "budget.hook=+1",
        "budget.hook= 1",
        "budget.hook=1 ",
        "budget.hook=1.5",
        "budget.hook=1e3",
        "budget.hook=0x10",
        "budget.hook=3600001",
        "budget.hook=99999999999999999999",
        "budget.hook=soon",
        "budget.=1",
        "budget.hooks=1",
        "budget.Hook=1",
        "budget.whole=1",
        "budget=1",
        "address.local4=",
        "address.local4=localhost",
        "address.local4=127.0.0",
        "address.=::1",
        "address.local=127.0.0.1",
        "address.local4=127.0.0.1 ",
        "address.local4=1.2.3.4:99999",
        "claim.tcp4=",
        "claim.tcp4=Yes",
        "claim.tcp4=maybe",
        "claim.tcp=no",
        "claim.address_list_change=false",
        "network.up=",
        "network.restart=acme",
        "claim.=no",
        "claim.tcp44=no",
        "claim.tcp4.x=no",
        "protocol.=1",
        "protocol.nothing=1",
        "protocol.tcp4=1",
        "protocol.tcp4.=1",
        "protocol.tcp9.name=x",
        "protocol..name=x",
        "protocol.tcp4.name.x=1",
        "protocol.catalog_entry_id=",
        "protocol.catalog_entry_id=one",
        "protocol.catalog_entry_id=1x",
        "protocol.catalog_entry_id= 1",
        "protocol.catalog_entry_id=4294967296",
        "protocol.address_family=0x",
        "protocol.provider_id=",
        "protocol.provider_id=1",
        "protocol.provider_id={E70F1AA0-AB8B-11CF-8CA3-00805F48A192",
        "protocol.provider_id=E70F1AA0-AB8B-11CF-8CA3-00805F48A19",
        "protocol.provider_id=E70F1AA0-AB8B-11CF-8CA3-00805F48A19G",
        "protocol.provider_id=E70F1AA0AB8B-11CF-8CA3-00805F48A1922",
        "protocol.name=",
        "protocol.chain=,",
        "protocol.chain=1,",
        "protocol.chain=1,,2",
        "protocol.chain=1 2",
        "protocol.chain=1,2,3,4,5,6,7,8",
        "protocol.chain=a",
        "peer=",
        "peer=both",
        "peer=System",
        "peer.x=auto",
        "fuse=",
        "fuse=recv",
        "fuse=WSPRecv ",
        "fuse=?",
    };

    static unsigned char before[sizeof settings];

    start_afresh();
    for (size_t i = 0; i < ARRAYSIZE(bad); i++) {
        memcpy(before, &settings, sizeof before);
        ck_assert_msg(!take(bad[i]), "%s was taken", bad[i]);
        ck_assert_msg(memcmp(before, (const unsigned char *)&settings, sizeof before) == 0,
                      "%s left something", bad[i]);
    }
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
    char assignment[2048];
    char complaint[64];

    start_afresh();
    memset(assignment, 'a', sizeof assignment);
    assignment[sizeof assignment - 1] = '\0';
    ck_assert(!settings_set(assignment, complaint, sizeof complaint));
    assignment[1000] = '=';
    ck_assert(!settings_set(assignment, complaint, sizeof complaint));
    memcpy(assignment, "protocol.name=", 14);
    ck_assert(!settings_set(assignment, complaint, sizeof complaint));
    memcpy(assignment, "address.local6=", 15);
    ck_assert(!settings_set(assignment, complaint, sizeof complaint));
    ck_assert_uint_lt(strlen(complaint), sizeof complaint);
}
END_TEST

START_TEST(modes_are_found_by_their_names)
{
    enum drive_mode mode;

    ck_assert(settings_mode_by_name("direct", &mode) && mode == MODE_DIRECT);
    ck_assert(settings_mode_by_name("ws2_32", &mode) && mode == MODE_WS2_32);
    ck_assert(settings_mode_by_name("no-callback", &mode) && mode == MODE_NO_CALLBACK);
    ck_assert(!settings_mode_by_name("", &mode));
    ck_assert(!settings_mode_by_name("Direct", &mode));
    ck_assert(!settings_mode_by_name("no_callback", &mode));
    ck_assert_str_eq(drive_mode_name(MODE_WS2_32), "ws2_32");
}
END_TEST

START_TEST(addresses_are_parsed)
{
    static const struct {
        const char *text;
        int family;
        u_short port;
    } good[] = {
        {"127.0.0.1", AF_INET, 0},
        {"127.0.0.1:80", AF_INET, 80},
        {"0.0.0.0:0", AF_INET, 0},
        {"255.255.255.255:65535", AF_INET, 65535},
        {"::1", AF_INET6, 0},
        {"::", AF_INET6, 0},
        {"[::1]", AF_INET6, 0},
        {"[::1]:443", AF_INET6, 443},
        {"fe80::1:2", AF_INET6, 0},
        {"[2001:db8::1]:9", AF_INET6, 9},
        {"::ffff:1.2.3.4", AF_INET6, 0},
    };

    for (size_t i = 0; i < ARRAYSIZE(good); i++) {
        struct sockaddr_storage address;
        int length = parse_address(good[i].text, &address);
        bool ipv6 = good[i].family == AF_INET6;
        const struct sockaddr_in *in = (const struct sockaddr_in *)&address;
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;
        ck_assert_msg(length == (ipv6 ? (int)sizeof *in6 : (int)sizeof *in), "%s", good[i].text);
        ck_assert_int_eq(address.ss_family, good[i].family);
        ck_assert_int_eq(ntohs(ipv6 ? in6->sin6_port : in->sin_port), good[i].port);
    }
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const char *const bad[] = {
        "",
        ":",
        "80",
        ":80",
        "localhost",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:80x",
        "127.0.0.1:-1",
        "127.0.0.1:+1",
        "127.0.0.1: 1",
        "127.0.0.1:65536",
        "127.0.0.1:99999999999",
        "127.0.0.256",
        "127.0.0.1 ",
        " 127.0.0.1",
        "1.2.3.4.5",
        "1.2.3",
        "[127.0.0.1]:80",
        ":::",
        "::1::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "::12345",
        "[::1",
        "::1]",
        "[]",
        "[]:80",
        "[::1]:",
        "[::1]80",
        "[::1]x",
        "[::1]:80x",
        "[[::1]]",
        "[::1]:65536",
        "\xC3\xA9",
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
    };

    for (size_t i = 0; i < ARRAYSIZE(bad); i++) {
        struct sockaddr_storage address;
        ck_assert_msg(parse_address(bad[i], &address) == 0, "%s was taken", bad[i]);
    }
}
END_TEST

Suite *settings_suite(void)
{
    const TTest *const tests[] = {
        the_defaults_are_those_of_the_documentation,
        budgets_are_taken,
        addresses_are_taken,
        claims_are_taken_and_taken_back,
        features_are_claimed_by_name,
        protocol_fields_are_taken,
        there_is_room_for_so_many_overrides_and_no_more,
        peers_fuses_and_the_run_are_taken,
        what_is_no_setting_is_refused_and_changes_nothing,
        what_is_too_long_is_refused,
        modes_are_found_by_their_names,
        addresses_are_parsed,
        what_is_no_address_is_refused,
        NULL,
    };

    return suite_of("settings", tests);
}
