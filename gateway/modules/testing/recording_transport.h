// A transport whose clients are the test: what the server tells it is noted, and the test calls the
// server as the module would.
#ifndef FLUXGATE_GATEWAY_MODULES_TESTING_RECORDING_TRANSPORT_H_
#define FLUXGATE_GATEWAY_MODULES_TESTING_RECORDING_TRANSPORT_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "amps_transport_module.h"

struct RecordingTransport {
  amps_transport_server* server = nullptr;
  std::atomic<size_t> room = SIZE_MAX;  // bytes that sends take, all together
  std::atomic<bool> fails_to_start = false;
  std::atomic<bool> throws = false;          // from send
  std::atomic<bool> takes_too_much = false;  // says so
  std::atomic<bool> closes_in_send = false;  // says `closed` from inside
  std::atomic<int> starts = 0;
  std::atomic<int> stops = 0;
  std::atomic<int> contexts = 0;
  std::atomic<int> resumes = 0;
  std::atomic<int> accepted_late = 0;  // of a client that comes while the context is destroyed

  std::mutex mutex;
  // Guarded by mutex. By the module's names of connections.
  std::map<void*, std::string> sent;
  std::map<void*, int> closes;
  std::map<void*, amps_server_connection*> names;  // for closes_in_send
  std::function<void()> on_send;                   // runs at the end of each send
};

// Exported by the module as test_transport.
using TestTransportFunction = RecordingTransport*();

#endif  // FLUXGATE_GATEWAY_MODULES_TESTING_RECORDING_TRANSPORT_H_
