#include "harness/protocol.h"

#include <string.h>

#define NUMBER(name, member)                                                                       \
    {                                                                                              \
        name, offsetof(WSAPROTOCOL_INFOW, member)                                                  \
    }
const struct protocol_number protocol_numbers[PROTOCOL_NUMBERS] = {
    NUMBER("catalog_entry_id", dwCatalogEntryId),
    NUMBER("service_flags1", dwServiceFlags1),
    NUMBER("service_flags2", dwServiceFlags2),
    NUMBER("service_flags3", dwServiceFlags3),
    NUMBER("service_flags4", dwServiceFlags4),
    NUMBER("provider_flags", dwProviderFlags),
    NUMBER("version", iVersion),
    NUMBER("address_family", iAddressFamily),
    NUMBER("max_sockaddr", iMaxSockAddr),
    NUMBER("min_sockaddr", iMinSockAddr),
    NUMBER("socket_type", iSocketType),
    NUMBER("protocol", iProtocol),
    NUMBER("protocol_max_offset", iProtocolMaxOffset),
    NUMBER("byte_order", iNetworkByteOrder),
    NUMBER("security_scheme", iSecurityScheme),
    NUMBER("message_size", dwMessageSize),
    NUMBER("provider_reserved", dwProviderReserved),
    NUMBER("chain_length", ProtocolChain.ChainLen),
};
#undef NUMBER

const struct protocol_number *protocol_number_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAYSIZE(protocol_numbers); i++) {
        if (strcmp(name, protocol_numbers[i].name) == 0) {
            return &protocol_numbers[i];
        }
    }
    return NULL;
}
