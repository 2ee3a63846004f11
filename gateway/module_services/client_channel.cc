#include "gateway/module_services/client_channel.h"

#include <cxxabi.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "core/base/error.h"
#include "core/base/thread_activity.h"

namespace fluxgate {
namespace {

absl::Status Stopped() { return MakeError(ErrorCode::kDraining, "the server has stopped"); }

// Handlers are code of modules: no exception of theirs may end the process.
void Handle(const OwnedMessage& message, const std::string& client) {
  const ActivityScope activity("a handler of an embedded client", client);
  try {
    message.handler().function(&message.message(), message.handler().user_data);
  } catch (abi::__forced_unwind&) {  // the thread is being cancelled; may not be swallowed
    throw;
  } catch (const std::exception& exception) {
    spdlog::error("embedded client {}: exception in a handler: {}", client, exception.what());
  } catch (...) {
    spdlog::error("embedded client {}: exception in a handler", client);
  }
}

}  // namespace

ClientChannel::ClientChannel(std::string name, const ChannelLimits& limits, Wakers wakers)
    : name_(std::move(name)), limits_(limits), wakers_(std::move(wakers)) {}

absl::Status ClientChannel::Queue(OwnedCommand command) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return Stopped();
    if (commands_.size() >= limits_.commands_max) {
      return MakeError(ErrorCode::kQuotaExceeded,
                       fmt::format("{} commands wait", limits_.commands_max));
    }
    if (command.bytes() > limits_.command_bytes_max - command_bytes_) {
      return MakeError(
          ErrorCode::kQuotaExceeded,
          fmt::format("commands that wait hold {} bytes at most", limits_.command_bytes_max));
    }
    first = commands_.empty();
    command_bytes_ += command.bytes();
    commands_.push_back(std::move(command));
    ++queued_;
  }
  if (first) wakers_.on_commands();
  return absl::OkStatus();
}

absl::Status ClientChannel::Flush(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const uint64_t all = queued_;
  changed_.wait_for(lock, timeout, [&] { return ended_ || done_ >= all; });
  if (ended_) return Stopped();
  if (done_ >= all) return absl::OkStatus();
  return MakeError(ErrorCode::kPending, fmt::format("{} commands still wait", all - done_));
}

void ClientChannel::Close() {
  std::deque<OwnedMessage> dropped;
  std::unique_lock lock(mutex_);
  closed_ = true;
  dropped.swap(messages_);
  for (const OwnedMessage& message : dropped) message_bytes_ -= message.bytes();
  changed_.wait(lock, [&] {
    return handling_ == std::thread::id() || handling_ == std::this_thread::get_id();
  });
}

void ClientChannel::End() {
  std::deque<OwnedMessage> messages;
  std::deque<OwnedCommand> commands;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    messages.swap(messages_);
    commands.swap(commands_);
  }
  changed_.notify_all();
}

std::optional<OwnedCommand> ClientChannel::Take() {
  const std::lock_guard lock(mutex_);
  if (commands_.empty()) return std::nullopt;
  std::optional<OwnedCommand> command = std::move(commands_.front());
  commands_.pop_front();
  command_bytes_ -= command->bytes();
  return command;
}

void ClientChannel::Done() {
  {
    const std::lock_guard lock(mutex_);
    ++done_;
  }
  changed_.notify_all();
}

bool ClientChannel::Add(OwnedMessage message) {
  std::unique_lock lock(mutex_);
  if (message_bytes_ + message.bytes() > limits_.message_bytes_max) return false;
  AddLocked(std::move(message), std::move(lock));
  return true;
}

void ClientChannel::AddAlways(OwnedMessage message) {
  AddLocked(std::move(message), std::unique_lock(mutex_));
}

void ClientChannel::AddLocked(OwnedMessage message, std::unique_lock<std::mutex> lock) {
  if (message.handler().function == nullptr || closed_ || ended_) return;
  message_bytes_ += message.bytes();
  messages_.push_back(std::move(message));
  if (std::exchange(handlers_run_, true)) return;
  lock.unlock();
  wakers_.on_messages();
}

bool ClientChannel::HasRoom() {
  return HasRoom(std::min(limits_.room_bytes, limits_.message_bytes_max));
}

bool ClientChannel::HasRoomForCommands() { return HasRoom(limits_.message_bytes_max); }

bool ClientChannel::HasRoom(uint64_t bytes_max) {
  const std::lock_guard lock(mutex_);
  if (message_bytes_ < bytes_max || closed_) return true;
  wants_room_ = true;
  return false;
}

bool ClientChannel::RunHandlers(size_t messages_max) {
  std::unique_lock lock(mutex_);
  for (size_t handled = 0; handled < messages_max; ++handled) {
    if (messages_.empty()) {
      handlers_run_ = false;
      return false;
    }
    std::optional<OwnedMessage> message = std::move(messages_.front());
    messages_.pop_front();
    handling_ = std::this_thread::get_id();
    lock.unlock();
    Handle(*message, name_);
    const size_t bytes = message->bytes();
    message.reset();
    lock.lock();
    handling_ = {};
    if (closed_) changed_.notify_all();
    message_bytes_ -= bytes;
    if (!wants_room_ || message_bytes_ >= std::min(limits_.room_bytes, limits_.message_bytes_max)) {
      continue;
    }
    wants_room_ = false;
    lock.unlock();
    wakers_.on_room();
    lock.lock();
  }
  return true;
}

}  // namespace fluxgate
