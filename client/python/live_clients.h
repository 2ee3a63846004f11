// The clients that the interpreter's end has to disconnect: nothing calls Python after that.
#ifndef FLUXGATE_CLIENT_PYTHON_LIVE_CLIENTS_H_
#define FLUXGATE_CLIENT_PYTHON_LIVE_CLIENTS_H_

#include <pybind11/pybind11.h>

#include <memory>

#include "amps/client.h"
#include "client/python/gil.h"

namespace fluxgate::python {

// All with the GIL.
void AddLiveClient(AMPS::Client* client);
void RemoveLiveClient(AMPS::Client* client);

// Disconnects all of them; run by atexit. A handler that does not return is left alone after a
// while.
void DisconnectLiveClients();

struct DeleteClient {
  template <typename T>
  void operator()(T* client) const {
    RemoveLiveClient(client);
    DeleteWithoutGil()(client);
  }
};
template <typename T>
using ClientHolder = std::unique_ptr<T, DeleteClient>;

}  // namespace fluxgate::python

#endif  // FLUXGATE_CLIENT_PYTHON_LIVE_CLIENTS_H_
