#include "harness/names.h"

#include "tests.h"

START_TEST(every_spi_function_is_found_by_its_name)
{
    for (unsigned f = 0; f < SPI_FUNCTION_COUNT; f++) {
        const char *name = spi_function_name((enum spi_function)f);
        ck_assert_ptr_nonnull(name);
        ck_assert_uint_eq(spi_function_by_name(name), f);
    }
    ck_assert_str_eq(spi_function_name(SPI_WSPCancelBlockingCall), "WSPCancelBlockingCall");
    ck_assert_str_eq(spi_function_name(SPI_LoadLibrary), "LoadLibrary");
}
END_TEST

START_TEST(what_is_no_spi_function_is_not_found)
{
    static const char *const others[] = {"",        "recv",     "WSPRecvv", "WSPRec",
                                         "wsprecv", "WSPRecv ", "WPURecv",  "?"};

    for (size_t i = 0; i < ARRAYSIZE(others); i++) {
        ck_assert_uint_eq(spi_function_by_name(others[i]), SPI_FUNCTION_COUNT);
    }
    ck_assert_str_eq(spi_function_name(SPI_FUNCTION_COUNT), "?");
}
END_TEST

START_TEST(every_upcall_has_its_name)
{
    for (unsigned u = 0; u < UPCALL_COUNT; u++) {
        ck_assert_ptr_nonnull(upcall_name((enum upcall)u));
        ck_assert_int_eq(strncmp(upcall_name((enum upcall)u), "WPU", 3), 0);
    }
    ck_assert_str_eq(upcall_name(UPCALL_WPUQueryBlockingCallback), "WPUQueryBlockingCallback");
    ck_assert_str_eq(upcall_name(UPCALL_COUNT), "?");
}
END_TEST

START_TEST(errors_of_winsock_have_names)
{
    ck_assert_str_eq(error_name(10004), "WSAEINTR");
    ck_assert_str_eq(error_name(10022), "WSAEINVAL");
    ck_assert_str_eq(error_name(10035), "WSAEWOULDBLOCK");
    ck_assert_str_eq(error_name(995), "WSA_OPERATION_ABORTED");
    ck_assert_str_eq(error_name(10103), "WSAECANCELLED");
    ck_assert_str_eq(error_name(10111), "WSA_E_CANCELLED");
    ck_assert_str_eq(error_name(11002), "WSATRY_AGAIN");
}
END_TEST

START_TEST(other_numbers_have_none)
{
    static const int others[] = {0, 1, 77, -1, 10000, 10002, 20000, 0x5A5A5A5A};

    for (size_t i = 0; i < ARRAYSIZE(others); i++) {
        ck_assert_ptr_null(error_name(others[i]));
    }
}
END_TEST

START_TEST(the_text_of_an_error_holds_its_number)
{
    char text[64];

    ck_assert_str_eq(error_text(text, sizeof text, WSAEINTR), "WSAEINTR (10004)");
    ck_assert_str_eq(error_text(text, sizeof text, 77), "error 77");
    ck_assert_str_eq(error_text(text, sizeof text, 0), "error 0");
    /* An NTSTATUS that a provider handed through. */
    ck_assert_str_eq(error_text(text, sizeof text, (int)0xC0000120), "error 0xC0000120");
}
END_TEST

START_TEST(a_text_that_is_too_long_is_cut)
{
    char text[8];

    ck_assert_str_eq(error_text(text, sizeof text, WSAEWOULDBLOCK), "WSAEWOU");
}
END_TEST

START_TEST(addresses_are_written_with_their_port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(8080)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
    struct sockaddr other = {.sa_family = 77};
    char text[80];

    in.sin_addr.S_un.S_addr = htonl(0x7F000001);
    in6.sin6_addr.s6_addr[15] = 1;
    ck_assert_str_eq(address_text(text, sizeof text, (struct sockaddr *)&in), "127.0.0.1:8080");
    ck_assert_str_eq(address_text(text, sizeof text, (struct sockaddr *)&in6),
                     "[0:0:0:0:0:0:0:1]:443");
    ck_assert_str_eq(address_text(text, sizeof text, &other), "address family 77");
}
END_TEST

START_TEST(an_address_that_is_too_long_is_cut)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(65535)};
    char text[24];

    memset(&in6.sin6_addr, 0xAB, sizeof in6.sin6_addr);
    for (size_t size = 1; size <= sizeof text; size++) {
        memset(text, '~', sizeof text);
        address_text(text, size, (struct sockaddr *)&in6);
        ck_assert_uint_lt(strlen(text), size);
        for (size_t i = size; i < sizeof text; i++) {
            ck_assert_int_eq(text[i], '~');
        }
    }
}
END_TEST

START_TEST(arguments_are_told_by_their_names)
{
    char text[80];

    ck_assert_str_eq(option_text(text, sizeof text, SOL_SOCKET, SO_RCVTIMEO), "SO_RCVTIMEO");
    ck_assert_str_eq(option_text(text, sizeof text, 6, SO_RCVTIMEO), "level 0x6, option 0x1006");
    ck_assert_str_eq(option_text(text, sizeof text, IPPROTO_TCP, TCP_NODELAY), "TCP_NODELAY");
    ck_assert_str_eq(option_text(text, sizeof text, SOL_SOCKET, 0x77), "level 0xffff, option 0x77");
    ck_assert_str_eq(ioctl_text(text, sizeof text, (DWORD)FIONBIO), "FIONBIO");
    ck_assert_str_eq(ioctl_text(text, sizeof text, 0x77), "code 0x77");
    ck_assert_str_eq(socket_flags_text(text, sizeof text, WSA_FLAG_OVERLAPPED),
                     "WSA_FLAG_OVERLAPPED");
}
END_TEST

START_TEST(several_bits_are_told_one_after_the_other)
{
    char text[80];

    ck_assert_str_eq(events_text(text, sizeof text, FD_READ | FD_CLOSE), "FD_READ | FD_CLOSE");
    ck_assert_str_eq(events_text(text, sizeof text, 0), "no events");
    ck_assert_str_eq(receive_flags_text(text, sizeof text, 0), "no flags");
    ck_assert_str_eq(receive_flags_text(text, sizeof text, MSG_PEEK | 0x4000), "MSG_PEEK | 0x4000");
    ck_assert_str_eq(receive_flags_text(text, sizeof text, 0x4000), "0x4000");
}
END_TEST

START_TEST(bits_that_are_too_many_are_cut)
{
    char text[24];

    for (size_t size = 1; size <= sizeof text; size++) {
        memset(text, '~', sizeof text);
        events_text(text, size, ~0);
        ck_assert_uint_lt(strlen(text), size);
        for (size_t i = size; i < sizeof text; i++) {
            ck_assert_int_eq(text[i], '~');
        }
    }
}
END_TEST

Suite *names_suite(void)
{
    const TTest *const tests[] = {
        every_spi_function_is_found_by_its_name,
        what_is_no_spi_function_is_not_found,
        every_upcall_has_its_name,
        errors_of_winsock_have_names,
        other_numbers_have_none,
        the_text_of_an_error_holds_its_number,
        a_text_that_is_too_long_is_cut,
        addresses_are_written_with_their_port,
        an_address_that_is_too_long_is_cut,
        arguments_are_told_by_their_names,
        several_bits_are_told_one_after_the_other,
        bits_that_are_too_many_are_cut,
        NULL,
    };

    return suite_of("names", tests);
}
