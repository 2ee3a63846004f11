// What passes between a module's threads, the reactor and the handler threads for one embedded
// client: commands one way, messages the other. All of it any thread. Ends twice: by the module
// (Close), by the server (End); whatever comes later fails or is dropped.
#ifndef FLUXGATE_GATEWAY_MODULE_SERVICES_CLIENT_CHANNEL_H_
#define FLUXGATE_GATEWAY_MODULE_SERVICES_CLIENT_CHANNEL_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "gateway/module_services/owned_command.h"
#include "gateway/module_services/owned_message.h"

namespace fluxgate {

struct ChannelLimits {
  size_t commands_max = 10'000;              // that wait
  size_t command_bytes_max = 64ull << 20;    // of those
  uint64_t message_bytes_max = 64ull << 20;  // of messages that wait for the handler
  uint64_t room_bytes = 1ull << 20;          // of those, while records of queries still come
};

class ClientChannel {
 public:
  // Called without a lock held: there are commands where there were none, messages where there were
  // none, room again for somebody who had asked.
  struct Wakers {
    std::function<void()> on_commands;
    std::function<void()> on_messages;
    std::function<void()> on_room;
  };
  ClientChannel(std::string name, const ChannelLimits& limits, Wakers wakers);

  const std::string& name() const { return name_; }

  // The module. kQuotaExceeded: too much waits.
  absl::Status Queue(OwnedCommand command);
  // Until all that was queued before has been done.
  absl::Status Flush(std::chrono::milliseconds timeout);
  // No handler runs any more on return; called by a handler, none but that one.
  void Close();
  // The server stops. Handlers that run go on.
  void End();

  // The reactor. Take, then Done, then the next.
  std::optional<OwnedCommand> Take();
  void Done();
  // False: over the limit, and not taken.
  bool Add(OwnedMessage message);
  void AddAlways(OwnedMessage message);
  // For records, for acks of one more command. After false there will be on_room.
  bool HasRoom();
  bool HasRoomForCommands();

  // The handler thread, after on_messages. True: there are more, call again; else on_messages
  // tells.
  bool RunHandlers(size_t messages_max);

 private:
  bool HasRoom(uint64_t bytes_max);
  void AddLocked(OwnedMessage message, std::unique_lock<std::mutex> lock);

  const std::string name_;
  const ChannelLimits limits_;
  const Wakers wakers_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<OwnedCommand> commands_;
  size_t command_bytes_ = 0;
  uint64_t queued_ = 0;  // commands so far
  uint64_t done_ = 0;
  std::deque<OwnedMessage> messages_;
  uint64_t message_bytes_ = 0;  // with the one that is being handled
  bool wants_room_ = false;
  bool handlers_run_ = false;  // or will: on_messages has told
  std::thread::id handling_;   // nobody: no handler is being called
  bool closed_ = false;
  bool ended_ = false;
};

}  // namespace fluxgate

#endif  // FLUXGATE_GATEWAY_MODULE_SERVICES_CLIENT_CHANNEL_H_
