#include "client/python/live_clients.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace fluxgate::python {
namespace {

namespace py = pybind11;

// For handlers that run at the end to return.
constexpr std::chrono::seconds kPatience{5};

std::set<AMPS::Client*>& Live() {
  static auto* const live = new std::set<AMPS::Client*>;  // to the end
  return *live;
}

struct Countdown {
  std::mutex mutex;
  std::condition_variable changed;
  size_t left = 0;
};

}  // namespace

void AddLiveClient(AMPS::Client* client) { Live().insert(client); }

void RemoveLiveClient(AMPS::Client* client) { Live().erase(client); }

void DisconnectLiveClients() {
  const auto countdown = std::make_shared<Countdown>();
  for (AMPS::Client* const client : Live()) {
    // For good: a thread that is late must not find it deleted.
    py::cast(client, py::return_value_policy::reference).release();
    std::lock_guard lock(countdown->mutex);
    ++countdown->left;
    std::thread([client, countdown] {
      try {
        client->disconnect();
      } catch (const std::exception&) {  // there is nobody left to be told
      }
      std::lock_guard lock(countdown->mutex);
      --countdown->left;
      countdown->changed.notify_all();
    }).detach();
  }
  WithoutGil released;
  std::unique_lock lock(countdown->mutex);
  countdown->changed.wait_for(lock, kPatience, [&] { return countdown->left == 0; });
  StopCallingPython();
}

}  // namespace fluxgate::python
