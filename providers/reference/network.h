/*
 * Whether the network subsystem works. A provider over hardware, or over a service, hears of its
 * failure from there. This one stands on the system's own sockets, which do not fail: so it is
 * told, by a function that it exports and that its description names (provider.toml, [network]).
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>
#include <winsock2.h>
#include <ws2spi.h>

bool network_is_down(void);

/* Brings the network up, or down; 0 or an error code. */
__declspec(dllexport) int WSPAPI ReferenceNetwork(BOOL up);

#endif
