// Which handler is a message for? Routes are found by the ids of their subscription, query and
// command.
#ifndef FLUXGATE_CLIENT_AMPS_ROUTES_H_
#define FLUXGATE_CLIENT_AMPS_ROUTES_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "amps/message_handler.h"
#include "client/amps/message_queue.h"

namespace AMPS::internal {

struct Route {
  MessageHandler handler;
  std::shared_ptr<MessageStream::Queue> queue;  // of a stream
  std::string command_id;
  std::string sub_id;    // empty: no subscription
  std::string query_id;  // empty: no query
  uint32_t acks = 0;     // that the handler wants, AckType bits
  uint64_t connection = 0;
  bool keeps_bookmarks = false;
  // No more calls.
  std::atomic<bool> gone{false};
  // Known to the subscription manager, if there is one.
  std::atomic<bool> stands{false};
  // The handler thread's: what is still to come.
  uint32_t acks_left = 0;
  bool records_left = false;

  bool is_over() const { return sub_id.empty() && !records_left && acks_left == 0; }
};
using RoutePointer = std::shared_ptr<Route>;

class Routes {
 public:
  // In place of those with the same ids, which those ids do not find any more: whoever wants them
  // back adds them again.
  void Add(const RoutePointer& route);
  // Null: none.
  RoutePointer Find(std::string_view id) const;
  // Nothing is found by its ids any more, unless another route has taken them. It counts as gone.
  void Remove(const Route& route);
  // Those for which `which` is true leave; returned.
  std::vector<RoutePointer> RemoveIf(const std::function<bool(const Route&)>& which);
  // Changes with every Add and Remove.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  mutable std::mutex mutex_;
  std::unordered_map<std::string, RoutePointer, Hash, std::equal_to<>> by_id_;
  std::atomic<uint64_t> generation_{1};
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_ROUTES_H_
