/* What kind of a socket it is, and which time limits its calls have. */
#ifndef WSPCTS_FLAWED_KINDS_H
#define WSPCTS_FLAWED_KINDS_H

#include "flawed/support/layer.h"

bool is_stream(SOCKET s);
bool has_receive_timeout(SOCKET s);
bool has_send_timeout(SOCKET s);

#endif
