#include "harness/names.h"

#include <stdio.h>
#include <string.h>

const char *spi_function_name(enum spi_function function)
{
    static const char *const names[SPI_FUNCTION_COUNT] = {
#define X(name) [SPI_##name] = #name,
        SPI_TABLE_ENTRIES(X) SPI_OUTSIDE_TABLE(X)
#undef X
    };
    return function < SPI_FUNCTION_COUNT ? names[function] : "?";
}

const char *upcall_name(enum upcall upcall)
{
    static const char *const names[UPCALL_COUNT] = {
#define X(name) [UPCALL_##name] = #name,
        UPCALL_TABLE_ENTRIES(X) UPCALLS_IMPORTED(X)
#undef X
    };
    return upcall < UPCALL_COUNT ? names[upcall] : "?";
}

enum spi_function spi_function_by_name(const char *name)
{
    for (unsigned f = 0; f < SPI_FUNCTION_COUNT; f++) {
        if (strcmp(spi_function_name((enum spi_function)f), name) == 0) {
            return (enum spi_function)f;
        }
    }
    return SPI_FUNCTION_COUNT;
}

#define NAMED_ERRORS(X)                                                                            \
    X(WSA_INVALID_HANDLE)                                                                          \
    X(WSA_NOT_ENOUGH_MEMORY)                                                                       \
    X(WSA_INVALID_PARAMETER)                                                                       \
    X(WSA_OPERATION_ABORTED)                                                                       \
    X(WSA_IO_INCOMPLETE)                                                                           \
    X(WSA_IO_PENDING)                                                                              \
    X(WSAEINTR)                                                                                    \
    X(WSAEBADF)                                                                                    \
    X(WSAEACCES)                                                                                   \
    X(WSAEFAULT)                                                                                   \
    X(WSAEINVAL)                                                                                   \
    X(WSAEMFILE)                                                                                   \
    X(WSAEWOULDBLOCK)                                                                              \
    X(WSAEINPROGRESS)                                                                              \
    X(WSAEALREADY)                                                                                 \
    X(WSAENOTSOCK)                                                                                 \
    X(WSAEDESTADDRREQ)                                                                             \
    X(WSAEMSGSIZE)                                                                                 \
    X(WSAEPROTOTYPE)                                                                               \
    X(WSAENOPROTOOPT)                                                                              \
    X(WSAEPROTONOSUPPORT)                                                                          \
    X(WSAESOCKTNOSUPPORT)                                                                          \
    X(WSAEOPNOTSUPP)                                                                               \
    X(WSAEPFNOSUPPORT)                                                                             \
    X(WSAEAFNOSUPPORT)                                                                             \
    X(WSAEADDRINUSE)                                                                               \
    X(WSAEADDRNOTAVAIL)                                                                            \
    X(WSAENETDOWN)                                                                                 \
    X(WSAENETUNREACH)                                                                              \
    X(WSAENETRESET)                                                                                \
    X(WSAECONNABORTED)                                                                             \
    X(WSAECONNRESET)                                                                               \
    X(WSAENOBUFS)                                                                                  \
    X(WSAEISCONN)                                                                                  \
    X(WSAENOTCONN)                                                                                 \
    X(WSAESHUTDOWN)                                                                                \
    X(WSAETIMEDOUT)                                                                                \
    X(WSAECONNREFUSED)                                                                             \
    X(WSAEHOSTDOWN)                                                                                \
    X(WSAEHOSTUNREACH)                                                                             \
    X(WSAEPROCLIM)                                                                                 \
    X(WSASYSNOTREADY)                                                                              \
    X(WSAVERNOTSUPPORTED)                                                                          \
    X(WSANOTINITIALISED)                                                                           \
    X(WSAEDISCON)                                                                                  \
    X(WSAECANCELLED)                                                                               \
    X(WSAEINVALIDPROCTABLE)                                                                        \
    X(WSAEINVALIDPROVIDER)                                                                         \
    X(WSAEPROVIDERFAILEDINIT)                                                                      \
    X(WSASYSCALLFAILURE)                                                                           \
    X(WSA_E_CANCELLED)                                                                             \
    X(WSATRY_AGAIN)

const char *error_name(int error)
{
    static const struct {
        int error;
        const char *name;
    } names[] = {
#define X(name) {name, #name},
        NAMED_ERRORS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].error == error) {
            return names[i].name;
        }
    }
    return NULL;
}

const char *error_text(char *text, size_t size, int error)
{
    const char *name = error_name(error);

    if (name != NULL) {
        snprintf(text, size, "%s (%d)", name, error);
    } else if (error < 0) {
        snprintf(text, size, "error 0x%08X", (unsigned)error);
    } else {
        snprintf(text, size, "error %d", error);
    }
    return text;
}

struct named {
    unsigned long value;
    const char *name;
};

#define NAMED(constant)                                                                            \
    {                                                                                              \
        (unsigned long)(constant), #constant                                                       \
    }

static const char *name_of(const struct named *names, size_t count, unsigned long value)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].value == value) {
            return names[i].name;
        }
    }
    return NULL;
}

/* Writes the names of the bits that are set, and the rest as a number. */
static const char *bits_text(char *text, size_t size, const struct named *names, size_t count,
                             unsigned long value, const char *none)
{
    size_t length = 0;

    snprintf(text, size, "%s", value == 0 ? none : "");
    for (size_t i = 0; i < count && length < size; i++) {
        if ((value & names[i].value) != 0) {
            length += (size_t)snprintf(text + length, size - length, "%s%s",
                                       length > 0 ? " | " : "", names[i].name);
            value &= ~names[i].value;
        }
    }
    if (value != 0 && length < size) {
        snprintf(text + length, size - length, "%s0x%lx", length > 0 ? " | " : "", value);
    }
    return text;
}

const char *option_text(char *text, size_t size, int level, int option)
{
    static const struct named names[] = {
        NAMED(SO_RCVTIMEO),  NAMED(SO_SNDTIMEO),   NAMED(SO_LINGER),           NAMED(SO_DONTLINGER),
        NAMED(SO_TYPE),      NAMED(SO_ERROR),      NAMED(SO_RCVBUF),           NAMED(SO_SNDBUF),
        NAMED(SO_REUSEADDR), NAMED(SO_ACCEPTCONN), NAMED(SO_EXCLUSIVEADDRUSE), NAMED(SO_KEEPALIVE),
        NAMED(SO_OOBINLINE), NAMED(SO_DONTROUTE),  NAMED(SO_BROADCAST),
    };
    const char *name = NULL;

    if (level == SOL_SOCKET) {
        name = name_of(names, sizeof names / sizeof names[0], (unsigned long)option);
    } else if (level == IPPROTO_TCP && option == TCP_NODELAY) {
        name = "TCP_NODELAY";
    }

    if (name != NULL) {
        snprintf(text, size, "%s", name);
    } else {
        snprintf(text, size, "level 0x%x, option 0x%x", (unsigned)level, (unsigned)option);
    }
    return text;
}

const char *ioctl_text(char *text, size_t size, DWORD code)
{
    static const struct named names[] = {
        NAMED(FIONBIO),
        NAMED(FIONREAD),
        NAMED(SIOCATMARK),
        NAMED(SIO_ADDRESS_LIST_CHANGE),
        NAMED(SIO_ROUTING_INTERFACE_CHANGE),
    };
    const char *name = name_of(names, sizeof names / sizeof names[0], code);

    if (name != NULL) {
        snprintf(text, size, "%s", name);
    } else {
        snprintf(text, size, "code 0x%lx", code);
    }
    return text;
}

const char *events_text(char *text, size_t size, long events)
{
    static const struct named names[] = {
        NAMED(FD_READ),   NAMED(FD_WRITE),   NAMED(FD_OOB),
        NAMED(FD_ACCEPT), NAMED(FD_CONNECT), NAMED(FD_CLOSE),
    };

    return bits_text(text, size, names, sizeof names / sizeof names[0], (unsigned long)events,
                     "no events");
}

const char *receive_flags_text(char *text, size_t size, DWORD flags)
{
    static const struct named names[] = {NAMED(MSG_PEEK), NAMED(MSG_OOB), NAMED(MSG_WAITALL),
                                         NAMED(MSG_PARTIAL)};

    return bits_text(text, size, names, sizeof names / sizeof names[0], flags, "no flags");
}

const char *socket_flags_text(char *text, size_t size, DWORD flags)
{
    static const struct named names[] = {NAMED(WSA_FLAG_OVERLAPPED)};

    return bits_text(text, size, names, sizeof names / sizeof names[0], flags, "no flags");
}

const char *address_text(char *text, size_t size, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        const unsigned char *b = (const unsigned char *)&in->sin_addr;
        snprintf(text, size, "%u.%u.%u.%u:%u", b[0], b[1], b[2], b[3], ntohs(in->sin_port));
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
        const unsigned char *b = (const unsigned char *)&in6->sin6_addr;
        size_t used = 0;
        used += (size_t)snprintf(text + used, size - used, "[");
        for (int i = 0; i < 16 && used < size; i += 2) {
            used += (size_t)snprintf(text + used, size - used, i == 0 ? "%x" : ":%x",
                                     (unsigned)(b[i] << 8 | b[i + 1]));
        }
        if (used < size) {
            snprintf(text + used, size - used, "]:%u", ntohs(in6->sin6_port));
        }
    } else {
        snprintf(text, size, "address family %u", (unsigned)address->sa_family);
    }
    return text;
}
