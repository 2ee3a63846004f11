// All of the client library.
#ifndef AMPS_CPP_AMPS_H_
#define AMPS_CPP_AMPS_H_

#include "amps/client.h"     // IWYU pragma: export
#include "amps/ha_client.h"  // IWYU pragma: export
#include "amps/ssl.h"        // IWYU pragma: export

#endif  // AMPS_CPP_AMPS_H_
