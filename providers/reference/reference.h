/*
 * The reference provider's one door.
 *
 * entry.c exports WSPStartup and does nothing but call reference_startup, so that another DLL can
 * link everything else and put a layer of its own in front of it.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <winsock2.h>
#include <ws2spi.h>

int reference_startup(WORD wVersionRequested, LPWSPDATA lpWSPData,
                      LPWSAPROTOCOL_INFOW lpProtocolInfo, WSPUPCALLTABLE UpcallTable,
                      LPWSPPROC_TABLE lpProcTable);

#endif
